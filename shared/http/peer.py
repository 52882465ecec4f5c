"""Another service, as seen from this one."""

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import urlencode

from opentelemetry.trace import INVALID_SPAN, Span

from chaos.engine.engine import Faults
from shared.errors import BreakerOpen, UpstreamError
from shared.http.breaker import Breaker
from shared.http.callee import Callee
from shared.http.exchange import Exchange
from shared.http.meaning import Parser, meaning_of, parsed, parser_of
from shared.http.question import Question
from shared.http.retry import at_once, retried
from shared.http.template import path_of
from shared.telemetry.provider import Telemetry
from shared.telemetry.server import failed
from shared.transport import Call, Transport

T = TypeVar("T")
NONE: Mapping[str, str] = MappingProxyType({})
# Times the deadline of one attempt: one that came to its end leaves time for another to begin.
AGAIN = 1.25
TOO_OFTEN = 3
AT_ONCE: AbstractContextManager[None] = nullcontext()


class Peer:
    """Calls one service: `await orders.get("/order/{order_id}", Order, order_id="12345")`.

    A call names a path template, the type of the answer (a pydantic model, `list[str]`)
    and the values of the path; its span is named after the template. It returns the JSON of a
    success as an instance of that type and raises a ShopError for all else: a success of another
    shape is an UpstreamError. `attempts` is for what may be done twice: it is tried so often while
    there is no proper answer. A `breaker` keeps calls from a service that keeps failing.
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
        answer: type[T],
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] = NONE,
        attempts: int = 1,
        **values: str,
    ) -> T:
        encoded = urlencode(query or {})
        _, content = await self.call(
            "GET", template, answer, values, query=encoded, headers=headers, attempts=attempts
        )
        return content

    async def post(
        self,
        template: str,
        answer: type[T],
        body: Any,
        *,
        headers: Mapping[str, str] = NONE,
        attempts: int = 1,
        **values: str,
    ) -> T:
        """Posts `body` as JSON."""
        encoded = json.dumps(body).encode()
        _, content = await self.call(
            "POST", template, answer, values, body=encoded, headers=headers, attempts=attempts
        )
        return content

    async def call(
        self,
        method: str,
        template: str,
        answer: type[T],
        values: Mapping[str, str],
        *,
        body: bytes = b"",
        query: str = "",
        headers: Mapping[str, str] = NONE,
        attempts: int = 1,
    ) -> tuple[int, T]:
        """Calls and waits for the whole answer: its status, and its JSON parsed as an `answer`.
        `headers` are sent, but never recorded.

        Raises NotFound, BadRequest, ... for a 4xx with that meaning, UpstreamError for any other
        answer that is no success and for a success of another shape, Unreachable when there is no
        answer, DeadlineExceeded when it takes too long, BreakerOpen when the call was not made.
        """
        address = self._base + path_of(template, values)
        asked = Question(method, template, address, query, body, headers, Call(template))
        parse = parser_of(answer)
        if self.faults.behaves("naive_retries", peer=self.name):
            return await at_once(partial(self._once, asked, parse, None), TOO_OFTEN)
        once = partial(self._once, asked, parse, self.breaker)
        return await retried(once, attempts, self._timeout * AGAIN)

    async def _once(
        self, asked: Question, parse: Parser[T], breaker: Breaker | None, resent: int
    ) -> tuple[int, T]:
        asked.call.resent = resent
        async with self.faults.pool("client", f"{asked.method} {asked.template}", self.name):
            if self.faults.behaves("no_timeout", peer=self.name):
                return await self._without_deadline(asked, parse, breaker)
            with self._callee.span(asked) as span, self._guarded(span, breaker):
                request = self._callee.request(asked)
                status, body = await self._exchange.whole(span, request)
                return status, self._content_of(span, status, body, parse)

    async def _without_deadline(
        self, asked: Question, parse: Parser[T], breaker: Breaker | None
    ) -> tuple[int, T]:
        with ExitStack() as inside:
            span = inside.enter_context(self._callee.span(asked))
            with self._guarded(span, breaker):
                response = await self._exchange.begun(span, self._callee.request(asked))
                inside.close()  # the span is over, but what the answer means is still to come
                status, body = response.status_code, await self._exchange.rest(response)
                return status, self._content_of(INVALID_SPAN, status, body, parse)

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

    def _content_of(self, span: Span, status: int, body: bytes, parse: Parser[T]) -> T:
        if not 200 <= status < 300:
            raise meaning_of(self.name, status, body)
        try:
            return parsed(self.name, status, body, parse)
        except UpstreamError:
            failed(span, "invalid_response")
            raise
