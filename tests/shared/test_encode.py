"""The bytes written by hand say what the SDK's encoder would have said."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.attributes import BoundedAttributes
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans as stock
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util import BoundedList
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    Link,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    TraceState,
)

from shared.telemetry.encode import encode_spans, remembered, span_body

RESOURCES = [
    Resource({"service.name": "orders", "process.pid": 7}),
    Resource({"service.name": "orders", "process.pid": 7}),  # equal, yet another object
    Resource({"service.name": "cart", "ok": True, "list": ("a", "b")}, "https://schema.test/1"),
    Resource({}),
]
SCOPES = [
    InstrumentationScope("acmeshop", "1.0"),
    InstrumentationScope("acmeshop", None, "https://schema.test/2", {"level": 1, "on": True}),
    None,
]
CONTEXT = SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(1))

words = st.text(max_size=8) | st.sampled_from(["é" * 63, "é" * 64, "é" * 65, "x" * 200])
integers = st.integers(-(2**63), 2**63 - 1)
scalars = words | integers | st.booleans() | st.floats() | st.binary(max_size=9) | st.none()
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=2).map(tuple)
        | st.dictionaries(st.text(min_size=1, max_size=2), inner, max_size=2)
    ),
    max_leaves=3,
)
times = st.integers(0, 2**64 - 1)
states = st.just(TraceState()) | st.just(TraceState([("vendor", "a:b"), ("other", "c")]))


@st.composite
def attributes(draw: st.DrawFn) -> BoundedAttributes:
    found = BoundedAttributes(
        attributes=draw(st.dictionaries(st.text(min_size=1, max_size=4), values, max_size=3)),
        immutable=False,
    )
    found.dropped = draw(st.integers(0, 300))
    return found


@st.composite
def contexts(draw: st.DrawFn) -> SpanContext:
    return SpanContext(
        draw(st.integers(1, 2**128 - 1)),
        draw(st.integers(1, 2**64 - 1)),
        is_remote=draw(st.booleans()),
        trace_flags=TraceFlags(draw(st.integers(0, 255))),
        trace_state=draw(states),
    )


@st.composite
def bounded(draw: st.DrawFn, items: st.SearchStrategy[Any]) -> Sequence[Any]:
    found = BoundedList.from_seq(None, draw(st.lists(items, max_size=2)))
    found.dropped = draw(st.integers(0, 300))
    return found


statuses = st.sampled_from([Status(), Status(StatusCode.OK)]) | words.map(
    lambda words: Status(StatusCode.ERROR, words)
)


@st.composite
def spans(draw: st.DrawFn) -> ReadableSpan:
    return ReadableSpan(
        name=draw(words),
        context=draw(contexts()),
        parent=draw(contexts() | st.none()),
        resource=draw(st.sampled_from(RESOURCES)),
        attributes=draw(attributes()),
        events=draw(bounded(st.builds(Event, words, attributes(), times))),
        links=draw(bounded(st.builds(Link, contexts(), attributes()))),
        kind=draw(st.sampled_from(SpanKind)),
        status=draw(statuses),
        start_time=draw(times),
        end_time=draw(times),
        instrumentation_scope=draw(st.sampled_from(SCOPES)),
    )


def encoded_by_stock(*spans: ReadableSpan) -> str:
    return str(stock(spans))  # as text, where one NaN equals the other


def encoded_by_hand(*spans: ReadableSpan) -> str:
    return str(ExportTraceServiceRequest.FromString(encode_spans(spans)))


def span_of(
    resource: Resource, scope: InstrumentationScope | None, **attributes: Any
) -> ReadableSpan:
    return ReadableSpan(
        name="GET /",
        context=CONTEXT,
        resource=resource,
        attributes=attributes,
        start_time=1,
        end_time=2,
        instrumentation_scope=scope,
    )


def span_with(**attributes: Any) -> ReadableSpan:
    return span_of(RESOURCES[0], SCOPES[0], **attributes)


@given(st.lists(st.tuples(st.sampled_from(RESOURCES), st.sampled_from(SCOPES)), max_size=8))
@settings(deadline=None)
def test_a_batch_is_grouped_as_the_stock_encoder_groups_it(
    origins: list[tuple[Resource, InstrumentationScope | None]],
) -> None:
    batch = [span_of(*origin, number=number) for number, origin in enumerate(origins)]
    assert encoded_by_hand(*batch) == encoded_by_stock(*batch)


@given(spans())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_span_says_what_the_stock_encoder_says(span: ReadableSpan) -> None:
    assert encoded_by_hand(span) == encoded_by_stock(span)


@given(spans())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_ordinary_span_needs_the_stock_encoder(span: ReadableSpan) -> None:
    expected = stock([span]).resource_spans[0].scope_spans[0].spans[0]
    assert str(SpanMessage.FromString(span_body(span))) == str(expected)


class Level(IntEnum):
    HIGH = 3


@pytest.mark.parametrize("odd", [Level.HIGH, range(3), [Level.HIGH]])
def test_a_value_it_does_not_know_is_left_to_the_stock_encoder(odd: Any) -> None:
    spans = span_with(before=1), span_with(odd=odd), span_with(after=2)
    with pytest.raises(LookupError):
        span_body(spans[1])
    assert encoded_by_hand(*spans) == encoded_by_stock(*spans)


def test_a_number_too_large_for_the_protocol_costs_only_its_attribute() -> None:
    assert encoded_by_hand(span_with(large=2**63, small=1)) == encoded_by_stock(span_with(small=1))


def test_a_span_that_was_never_started_is_left_to_the_stock_encoder() -> None:
    span = ReadableSpan(name="early", context=CONTEXT, resource=RESOURCES[0])
    assert encoded_by_hand(span) == encoded_by_stock(span)


def test_text_that_is_no_unicode_costs_its_odd_characters_and_not_the_batch() -> None:
    assert encoded_by_hand(span_with(path="/caf\udce9")) == encoded_by_stock(
        span_with(path="/caf?")
    )


@pytest.mark.parametrize("pair", [(1, True), (True, 1), (1, 1.0), (0.0, -0.0), ("1", 1)])
def test_equal_values_of_different_types_stay_distinct(pair: tuple[Any, Any]) -> None:
    spans = [span_with(it=value) for value in pair]
    assert encoded_by_hand(*spans) == encoded_by_stock(*spans)


def test_what_is_remembered_is_bounded() -> None:
    remembered.cache_clear()
    encode_spans([span_with(number=number) for number in range(5_000)])
    counted = remembered.cache_info()
    assert counted.currsize == counted.maxsize == 4_096


def test_long_text_is_not_remembered() -> None:
    remembered.cache_clear()
    encode_spans([span_with(stacktrace="x" * 65)])
    assert remembered.cache_info().currsize == 2  # those of its resource


def test_an_attribute_is_encoded_once_for_many_spans(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    remembered.cache_clear()
    encode_spans([span_with(method="GET", status=200)] * 100)
    assert remembered.cache_info().misses == 4  # two of the span, two of its resource


def test_no_spans_are_no_bytes() -> None:
    assert encode_spans([]) == b""
