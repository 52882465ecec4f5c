"""The service that is called: what spans tell of it, and requests for it."""

from contextlib import AbstractContextManager
from functools import lru_cache

import httpx
from opentelemetry.trace import Span, SpanKind, use_span
from opentelemetry.util.types import AttributeValue

from shared.errors import BadRequest
from shared.http.question import Question
from shared.telemetry.provider import Telemetry
from shared.transport import Request

ADDRESSES = 1024


class Callee:
    """The service `name` at `base_url`."""

    def __init__(self, name: str, base_url: str, telemetry: Telemetry) -> None:
        self._name = name
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

    def span(self, asked: Question) -> AbstractContextManager[Span]:
        """A CLIENT span for the call, current inside."""
        attributes: dict[str, AttributeValue] = {
            "http.request.method": asked.method,
            "url.full": asked.told,
            "url.template": asked.template,
            **self._fixed,
        }
        if asked.call.resent:
            attributes["http.request.resend_count"] = asked.call.resent
        name = f"{asked.method} {asked.template}"
        span = self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes)
        return use_span(
            span, end_on_exit=True, record_exception=False, set_status_on_exception=False
        )

    def request(self, asked: Question) -> Request:
        """The request, in the context of the current span."""
        headers = {"host": self._host, "accept": "application/json", **asked.headers}
        if asked.body:
            length = str(len(asked.body))
            headers |= {"content-type": "application/json", "content-length": length}
        self._propagation.inject(headers)
        try:
            address = self._parsed(asked.address)
        except httpx.InvalidURL as error:  # which only what somebody asked for can make it
            raise BadRequest(f"{self._name} cannot be asked for so much: {error}") from None
        # With a stream given, httpx takes the headers as they are.
        stream, extensions = httpx.ByteStream(asked.body), {"call": asked.call}
        return Request(asked.method, address, headers=headers, stream=stream, extensions=extensions)
