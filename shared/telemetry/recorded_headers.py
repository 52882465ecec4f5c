"""What of a context went over the wire, recorded on the spans of both ends of a hop. Only the
profiles that teach propagation do so: it costs time, and says nothing about the work.

The CLIENT (or PRODUCER) span says which headers were sent, and in which formats; the SERVER (or
CONSUMER) span says which were found, which formats the service reads, and as which one the context
was read. An answer says what its service reads, and which trace it worked in: so the caller's span
knows whether its own was continued.
"""

from collections.abc import Iterable
from typing import Any

from opentelemetry.propagators.textmap import Getter
from opentelemetry.trace import Span, format_trace_id, get_current_span
from opentelemetry.util.types import AttributeValue
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.telemetry.propagation import ASGI_HEADERS, FORMATS, Propagator
from shared.transport import Request, Response, Transport

READS = "x-acmeshop-reads"
JAEGER_BAGGAGE = "uberctx-"
BY_HEADER = {
    "traceparent": "tracecontext",
    "tracestate": "tracecontext",
    "b3": "b3",
    "x-b3-traceid": "b3multi",
    "x-b3-spanid": "b3multi",
    "x-b3-parentspanid": "b3multi",
    "x-b3-sampled": "b3multi",
    "x-b3-flags": "b3multi",
    "uber-trace-id": "jaeger",
    "baggage": "baggage",
}

Attributes = dict[str, AttributeValue]


class RecordedTransport(Transport):
    """The wire to a peer: notes on the current span what goes out, and what the answer says."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def handle_async_request(self, request: Request) -> Response:
        span = get_current_span()
        span.set_attributes(sent(request.headers))
        response = await self._wire.handle_async_request(request)
        span.set_attributes(answered(response, span))
        return response


class RecordedHeaders:
    """ASGI middleware, inside of the SERVER span: notes on it what came in, and says in the answer
    which formats are read here.
    """

    def __init__(self, app: ASGIApp, propagator: Propagator) -> None:
        self._app, self._propagator = app, propagator
        self._header = (READS.encode(), ",".join(propagator.reads).encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        found = received(self._propagator, scope["headers"], ASGI_HEADERS)
        get_current_span().set_attributes(found)

        async def with_reads(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), self._header]
            await send(message)

        await self._app(scope, receive, with_reads)


def sent(headers: Iterable[str]) -> Attributes:
    """What a caller's span says of the headers that it sent."""
    formats = by_format(headers)
    return {
        "acmeshop.propagation.sent": tuple(formats),
        "acmeshop.propagation.sent_headers": flat(formats.values()),
    }


def received(propagator: Propagator, carrier: Any, getter: Getter[Any]) -> Attributes:
    """What a callee's span says of the headers that came, and how they were read."""
    formats = by_format(getter.keys(carrier))
    attributes: Attributes = {
        "acmeshop.propagation.found": tuple(formats),
        "acmeshop.propagation.found_headers": flat(formats.values()),
        "acmeshop.propagation.reads": propagator.reads,
    }
    if read_as := format_read(propagator, carrier, getter):
        attributes["acmeshop.propagation.read_as"] = read_as
    return attributes


def format_read(propagator: Propagator, carrier: Any, getter: Getter[Any]) -> str:
    """The format that the trace of a request was read from; empty when none could be read."""
    for name in reversed(propagator.reads):
        found = get_current_span(FORMATS[name]().extract(carrier, None, getter))
        if found.get_span_context().is_valid:
            # Either propagator of B3 reads both of its forms, the single header first.
            single = name in {"b3", "b3multi"} and getter.get(carrier, "b3")
            return "b3" if single else "b3multi" if name == "b3" else name
    return ""


def answered(response: Response, span: Span) -> Attributes:
    """What a caller's span says of the answer: what is read there, and the trace of the work, if
    that is another one.
    """
    attributes: Attributes = {}
    if reads := response.headers.get(READS):
        attributes["acmeshop.propagation.peer_reads"] = tuple(reads.split(","))
    own = format_trace_id(span.get_span_context().trace_id)
    _, _, rest = response.headers.get("traceresponse", "").partition("-")
    theirs = rest.partition("-")[0]
    if theirs and theirs != own:
        attributes["acmeshop.propagation.peer_trace"] = theirs
    return attributes


def by_format(headers: Iterable[str]) -> dict[str, list[str]]:
    """The headers that carry context, by their format."""
    formats: dict[str, list[str]] = {}
    for header in map(str.lower, headers):
        name = "jaeger" if header.startswith(JAEGER_BAGGAGE) else BY_HEADER.get(header)
        if name is not None:
            formats.setdefault(name, []).append(header)
    return formats


def flat(groups: Iterable[list[str]]) -> tuple[str, ...]:
    return tuple(header for group in groups for header in group)
