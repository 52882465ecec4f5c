"""The SERVER span: one for each request, started here, named after its route, ended with the
response.
"""

from collections.abc import Callable
from time import perf_counter, time_ns
from typing import Any

from opentelemetry import context as otel
from opentelemetry.context import Context
from opentelemetry.trace import (
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    format_span_id,
    format_trace_id,
    get_current_span,
    set_span_in_context,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.telemetry.current import with_telemetry
from shared.telemetry.propagation import ASGI_HEADERS
from shared.telemetry.provider import Telemetry
from shared.telemetry.redaction import redacted
from shared.telemetry.suppression import unsampled

METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"}
UNTRACED = {"/healthz", "/readyz", "/metrics"}


class ServerSpans:
    """ASGI middleware: extract the caller's context, start a span, call the application, end the
    span, measure the request.

    Two questions may have to be answered before the request is routed, and cost nothing where they
    need no answer: is it `silent`, and what is its route's `template` (None: unknown)?
    """

    def __init__(
        self,
        app: ASGIApp,
        telemetry: Telemetry,
        silent: Callable[[Scope], bool] | None = None,
        template: Callable[[Scope], str | None] | None = None,
    ) -> None:
        self._app, self._silent, self._template = app, silent, template
        self._tracer, self._propagator = telemetry.tracer, telemetry.propagator
        self._home = with_telemetry(telemetry, Context())
        red = telemetry.metrics.red
        self._durations = red.http_server if red is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # FastAPI's own telemetry, where it is on, has started a span already.
        if scope["type"] != "http" or scope["path"] in UNTRACED or "fastapi.telemetry" in scope:
            await self._app(scope, receive, send)
            return
        begun = perf_counter()
        method = scope["method"] if scope["method"] in METHODS else "HTTP"
        parent = self._propagator.extract(scope["headers"], self._home, ASGI_HEADERS)
        if self._silent is not None and self._silent(scope):
            context = unsampled(parent)
            response = Response(get_current_span(context), send, [])
        else:
            span = self._start(scope, method, parent)
            context = set_span_in_context(span, parent)
            response = Response(span, send, response_headers(span.get_span_context()))
        token = otel.attach(context)
        try:
            await self._app(scope, receive, response)
        except BaseException as error:
            response.failed(type(error).__name__)
            raise
        finally:
            otel.detach(token)
            self._end(scope, method, response, begun)

    def _start(self, scope: Scope, method: str, parent: Context) -> Span:
        name, attributes = method, request_attributes(scope, method)
        if self._template is not None and (path := self._template(scope)) is not None:
            name, attributes["http.route"] = f"{method} {path}", path
        return self._tracer.start_span(name, parent, SpanKind.SERVER, attributes)

    def _end(self, scope: Scope, method: str, response: "Response", begun: float) -> None:
        span, route = response.span, scope.get("route")
        path = route.path if route is not None else None
        if path is not None:
            span.update_name(f"{method} {path}")
            span.set_attribute("http.route", path)
        # It ends with the response: the caller does not wait for what is done after that.
        span.end(response.end_ns)
        if self._durations is not None:
            values = (
                method if method != "HTTP" else "_OTHER",
                scope["scheme"],
                path,
                response.status,
                response.error_type,
            )
            seconds = (response.ended or perf_counter()) - begun
            self._durations.record(values, seconds, span)


class Response:
    """The `send` of a traced request: adds `headers` to the response, and notes on the span what
    becomes of it.
    """

    def __init__(self, span: Span, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        self.span, self._send, self._headers = span, send, headers
        self.status: int | None = None
        self.error_type: str | None = None
        self.end_ns: int | None = None
        self.ended: float | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = status = message["status"]
            self.span.set_attribute("http.response.status_code", status)
            if status >= 500:
                self.failed(str(status))
            message["headers"] = [*message.get("headers", ()), *self._headers]
        elif message["type"] == "http.response.body" and not message.get("more_body"):
            self.end_ns, self.ended = time_ns(), perf_counter()
        await self._send(message)

    def failed(self, error_type: str) -> None:
        self.error_type = error_type
        failed(self.span, error_type)


def request_attributes(scope: Scope, method: str) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "http.request.method": method if method != "HTTP" else "_OTHER",
        "url.path": scope["path"],
        "url.scheme": scope["scheme"],
    }
    if method == "HTTP":
        attributes["http.request.method_original"] = scope["method"]
    if scope.get("query_string"):
        attributes["url.query"] = redacted(scope["query_string"].decode("latin-1"))
    if server := scope.get("server"):
        attributes["server.address"], attributes["server.port"] = server
    if client := scope.get("client"):
        attributes["client.address"] = client[0]
    for name, value in scope["headers"]:
        if name == b"user-agent":
            attributes["user_agent.original"] = value.decode("latin-1")
    return attributes


def failed(span: Span, error_type: str) -> None:
    """Marks the span as failed; `error_type` is a status code or the class of an exception."""
    span.set_attribute("error.type", error_type)
    span.set_status(Status(StatusCode.ERROR))


def response_headers(context: SpanContext) -> list[tuple[bytes, bytes]]:
    """The trace's id, for the caller; nothing where tracing is off and there is none."""
    if not context.is_valid:
        return []
    traceparent = (
        f"00-{format_trace_id(context.trace_id)}-{format_span_id(context.span_id)}"
        f"-{context.trace_flags & 0xFF:02x}"
    ).encode()
    timing = b'traceparent;desc="' + traceparent + b'"'
    return [(b"traceresponse", traceparent), (b"server-timing", timing)]
