"""Another service, as seen from this one."""

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from opentelemetry.trace import INVALID_SPAN, Span

from chaos.engine.engine import Faults
from shared.errors import BreakerOpen, UpstreamError
from shared.http.breaker import Breaker
from shared.http.callee import Callee
from shared.http.exchange import Exchange
from shared.http.meaning import meaning_of
from shared.http.question import Question
from shared.http.retry import at_once, retried
from shared.http.template import path_of
from shared.telemetry.provider import Telemetry
from shared.telemetry.server import failed
from shared.transport import Call, Transport

NONE: Mapping[str, str] = MappingProxyType({})
# Times the deadline of one attempt: one that came to its end leaves time for another to begin.
AGAIN = 1.25
TOO_OFTEN = 3
AT_ONCE: AbstractContextManager[None] = nullcontext()


class Peer:
    """Calls one service: `await orders.get("/order/{order_id}", order_id="12345")`.

    A call names a path template and its values, and its span is named after the template. It gives
    the JSON of a success and raises a ShopError for all else. `attempts` is for what may be done
    twice: it is tried so often while there is no proper answer. A `breaker` keeps calls from a
    service that keeps failing.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        transport: Transport,
        telemetry: Telemetry,
        *,
        timeout: float,
        faults: Faults | None = None,
    ) -> None:
        self.name, self.faults = name, faults or Faults()
        self.breaker: Breaker | None = None
        self._base, self._callee = base_url.rstrip("/"), Callee(name, base_url, telemetry)
        self._timeout, self._exchange = timeout, Exchange(name, transport, timeout)

    async def get(
        self,
        template: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] = NONE,
        attempts: int = 1,
        **values: str,
    ) -> Any:
        asked = urlencode(query or {})
        _, content = await self.call(
            "GET", template, values, query=asked, headers=headers, attempts=attempts
        )
        return content

    async def post(
        self,
        template: str,
        body: Any,
        *,
        headers: Mapping[str, str] = NONE,
        attempts: int = 1,
        **values: str,
    ) -> Any:
        """Posts `body` as JSON."""
        sent = json.dumps(body).encode()
        _, content = await self.call(
            "POST", template, values, body=sent, headers=headers, attempts=attempts
        )
        return content

    async def call(
        self,
        method: str,
        template: str,
        values: Mapping[str, str],
        *,
        body: bytes = b"",
        query: str = "",
        headers: Mapping[str, str] = NONE,
        attempts: int = 1,
    ) -> tuple[int, Any]:
        """Calls and waits for the whole answer: its status, and its JSON. `headers` are sent, but
        never recorded.

        Raises NotFound, BadRequest, ... for a 4xx with that meaning, UpstreamError for any other
        answer that is no success, Unreachable when there is no answer, DeadlineExceeded when it
        takes too long, BreakerOpen when it was not asked.
        """
        address = self._base + path_of(template, values)
        asked = Question(method, template, address, query, body, headers, Call(template))
        if self.faults.behaves("naive_retries", peer=self.name):
            return await at_once(partial(self._once, asked, None), TOO_OFTEN)
        once = partial(self._once, asked, self.breaker)
        return await retried(once, attempts, self._timeout * AGAIN)

    async def _once(self, asked: Question, breaker: Breaker | None, resent: int) -> tuple[int, Any]:
        asked.call.resent = resent
        async with self.faults.pool("client", f"{asked.method} {asked.template}", self.name):
            if self.faults.behaves("no_timeout", peer=self.name):
                return await self._without_deadline(asked, breaker)
            with self._callee.span(asked) as span, self._guarded(span, breaker):
                request = self._callee.request(asked)
                status, body = await self._exchange.whole(span, request)
                return status, self._content_of(span, status, body)

    async def _without_deadline(self, asked: Question, breaker: Breaker | None) -> tuple[int, Any]:
        with ExitStack() as inside:
            span = inside.enter_context(self._callee.span(asked))
            with self._guarded(span, breaker):
                response = await self._exchange.begun(span, self._callee.request(asked))
                inside.close()  # the span is over, but what the answer means is still to come
                status, body = response.status_code, await self._exchange.rest(response)
                return status, self._content_of(INVALID_SPAN, status, body)

    def _guarded(self, span: Span, breaker: Breaker | None) -> AbstractContextManager[None]:
        return AT_ONCE if breaker is None else self._through(breaker, span)

    @contextmanager
    def _through(self, breaker: Breaker, span: Span) -> Iterator[None]:
        """Says on the span when the breaker lets nothing through."""
        try:
            with breaker.guarding(self.faults.privacy()):
                yield
        except BreakerOpen as error:
            failed(span, error.kind)
            span.set_attribute("acmeshop.resilience.outcome", error.kind)
            raise BreakerOpen(f"{self.name} was not asked: {error}") from None

    def _content_of(self, span: Span, status: int, body: bytes) -> Any:
        if not 200 <= status < 300:
            raise meaning_of(self.name, status, body)
        try:
            return json.loads(body)
        except ValueError:
            failed(span, "not_json")
            told = f"{self.name} answered {status}, but not with JSON"
            raise UpstreamError(told) from None
