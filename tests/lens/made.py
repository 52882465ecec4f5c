"""Spans, traces and OTLP requests for the tests of lens."""

from collections.abc import Mapping
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from traces.model import Kind, LogLine, Span, Trace

T0 = 1_795_000_000_000_000_000
MS = 1_000_000
PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}


def trace_id(number: int) -> str:
    return f"{number:032x}"


def span_id(number: int) -> str:
    return f"{number:016x}"


def span(
    number: int,
    parent: int | None = None,
    *,
    trace: int = 1,
    at: float = 0,
    ms: float = 10,
    service: str = "shop",
    name: str = "work",
    kind: str = "internal",
    **more: Any,
) -> Span:
    """A span with small numbers for ids that begins `at` milliseconds and lasts `ms` of them."""
    return Span(
        trace_id=trace_id(trace),
        span_id=span_id(number),
        parent_id=None if parent is None else span_id(parent),
        service=service,
        name=name,
        kind=Kind[kind.upper()],
        start_ns=T0 + int(at * MS),
        end_ns=T0 + int((at + ms) * MS),
        **{"resource": {"service.name": service}, **more},
    )


def trace(*spans: Span) -> Trace:
    return Trace(spans[0].trace_id, spans)


def line(body: str, *, trace: int | None = 1, of: int | None = 1) -> LogLine:
    return LogLine(
        T0,
        None if trace is None else trace_id(trace),
        None if of is None else span_id(of),
        "shop",
        "WARN",
        body,
        {"user": "ann"},
    )


def request(
    count: int = 1, *, service: str = "shop", attributes: Mapping[str, str] | None = None
) -> ExportTraceServiceRequest:
    """An OTLP request with `count` root spans, each of its own trace."""
    made = ExportTraceServiceRequest()
    group = made.resource_spans.add()
    named = group.resource.attributes.add()
    named.key, named.value.string_value = "service.name", service
    scoped = group.scope_spans.add()
    for number in range(1, count + 1):
        one = scoped.spans.add(
            trace_id=bytes.fromhex(trace_id(number)),
            span_id=bytes.fromhex(span_id(number)),
            name="work",
            kind=2,
            start_time_unix_nano=T0,
            end_time_unix_nano=T0 + MS,
        )
        for key, value in (attributes or {}).items():
            pair = one.attributes.add()
            pair.key, pair.value.string_value = key, value
    return made
