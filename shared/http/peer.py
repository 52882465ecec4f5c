"""Another service, as seen from this one."""

import asyncio
import json
from collections.abc import AsyncIterable, Mapping
from contextlib import aclosing
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

import httpx
from opentelemetry.trace import Span, SpanKind, use_span
from opentelemetry.util.types import AttributeValue

from shared.errors import BadRequest, DeadlineExceeded, Unreachable, UpstreamError
from shared.faults.stack import without_engine
from shared.http.meaning import meaning_of
from shared.http.retry import retried
from shared.http.template import path_of
from shared.telemetry.provider import Telemetry
from shared.telemetry.redaction import redacted
from shared.telemetry.server import failed
from shared.transport import Call, Request, Response, Transport

ADDRESSES = 1024
NONE: Mapping[str, str] = MappingProxyType({})


class Peer:
    """Calls one service: `await orders.get("/order/{order_id}", order_id="12345")`.

    A call names a path template and its values, and its span is named after the template. It gives
    the JSON of a success and raises a ShopError for all else.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        transport: Transport,
        telemetry: Telemetry,
        *,
        timeout: float,
    ) -> None:
        self.name = name
        self._base = base_url.rstrip("/")
        self._transport, self._timeout = transport, timeout
        self._tracer, self._propagation = telemetry.tracer, telemetry.propagation
        url = httpx.URL(base_url)
        self._host = url.netloc.decode()
        # Parsing an address costs more than the rest of a request.
        self._parsed = lru_cache(ADDRESSES)(httpx.URL)
        self._fixed: dict[str, AttributeValue] = {
            "server.address": url.host,
            "server.port": url.port or {"http": 80, "https": 443}[url.scheme],
            "service.peer.name": name,
        }

    async def get(
        self,
        template: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] = NONE,
        **values: str,
    ) -> Any:
        _, content = await self.call(
            "GET", template, values, query=urlencode(query or {}), headers=headers
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
        """Posts `body` as JSON; up to `attempts` times while there is no proper answer, which is
        for what may be done twice.
        """
        content, sent = json.dumps(body).encode(), Call(template)

        async def call(resent: int) -> Any:
            sent.resent = resent
            _, answer = await self.call(
                "POST", template, values, body=content, headers=headers, sent=sent
            )
            return answer

        return await retried(call, attempts, self._timeout)

    async def call(
        self,
        method: str,
        template: str,
        values: Mapping[str, str],
        *,
        body: bytes = b"",
        query: str = "",
        headers: Mapping[str, str] = NONE,
        sent: Call | None = None,
    ) -> tuple[int, Any]:
        """Calls and waits for the whole answer: its status, and its JSON. `headers` are sent, but
        never recorded; `sent` is for a request that was sent before.

        Raises NotFound, BadRequest, ... for a 4xx with that meaning, UpstreamError for any other
        answer that is no success, Unreachable when there is no answer, DeadlineExceeded when it
        takes too long.
        """
        url = self._base + path_of(template, values)
        attributes: dict[str, AttributeValue] = {
            "http.request.method": method,
            "url.full": f"{url}?{redacted(query)}" if query else url,
            "url.template": template,
            **self._fixed,
        }
        sent = sent or Call(template)
        if sent.resent:
            attributes["http.request.resend_count"] = sent.resent
        span = self._tracer.start_span(
            f"{method} {template}", kind=SpanKind.CLIENT, attributes=attributes
        )
        with use_span(
            span, end_on_exit=True, record_exception=False, set_status_on_exception=False
        ):
            full = self._address(f"{url}?{query}" if query else url)
            status, answer = await self._exchange(span, method, full, body, headers, sent=sent)
            if not 200 <= status < 300:
                raise meaning_of(self.name, status, answer)
            return status, self._content_of(span, status, answer)

    async def _exchange(
        self,
        span: Span,
        method: str,
        url: httpx.URL,
        body: bytes,
        extra: Mapping[str, str],
        *,
        sent: Call,
    ) -> tuple[int, bytes]:
        """Status and whole body of the answer."""
        headers = {"host": self._host, "accept": "application/json", **extra}
        if body:
            headers |= {"content-type": "application/json", "content-length": str(len(body))}
        self._propagation.inject(headers)
        # With a stream given, httpx takes the headers as they are.
        stream = httpx.ByteStream(body)
        request = Request(method, url, headers=headers, stream=stream, extensions={"call": sent})
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._transport.handle_async_request(request)
                async with aclosing(response):
                    answer = b"".join([part async for part in stream_of(response)])
        except TimeoutError:
            failed(span, "timeout")
            told = f"{self.name} did not answer within {self._timeout:g} s"
            raise DeadlineExceeded(told) from None
        except httpx.TransportError as error:
            failed(span, type(error).__name__)
            span.record_exception(without_engine(error))
            told = f"{self.name} could not be reached: {type(error).__name__}"
            raise Unreachable(told) from error
        span.set_attribute("http.response.status_code", response.status_code)
        if not response.is_success:
            failed(span, str(response.status_code))
        return response.status_code, answer

    def _address(self, full: str) -> httpx.URL:
        """Raises BadRequest when it is too long, which only what somebody asked for can make it."""
        try:
            return self._parsed(full)
        except httpx.InvalidURL as error:
            raise BadRequest(f"{self.name} cannot be asked for so much: {error}") from None

    def _content_of(self, span: Span, status: int, body: bytes) -> Any:
        try:
            return json.loads(body)
        except ValueError:
            failed(span, "not_json")
            told = f"{self.name} answered {status}, but not with JSON"
            raise UpstreamError(told) from None


def stream_of(response: Response) -> AsyncIterable[bytes]:
    """The body as it comes: nothing that the shop's services answer needs httpx's decoders."""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    return response.stream
