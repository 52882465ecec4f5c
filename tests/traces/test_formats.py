"""What is written in one format and read again is the same trace."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.traces.corpus import NAMES, stored
from traces.formats import jaeger_reader, otlp, otlp_json_reader
from traces.formats.jaeger import trace_json
from traces.formats.otlp_json import trace_of as trace_of_otlp
from traces.formats.otlp_json import traces_json
from traces.formats.reading import read
from traces.formats.story import story_json
from traces.formats.story import trace_of as trace_of_story
from traces.model import Dropped, Event, Kind, Link, LogLine, Origin, Span, Status, Trace
from traces.same_id import traces_of

TRACE_ID = "ab" * 16
IDS = st.integers(1, 30).map(lambda number: f"{number:016x}")
TIMES = st.integers(0, 2**62)
TEXTS = st.text(max_size=8)
NUMBERS = st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.one_of(TEXTS, st.booleans(), NUMBERS)
VALUES = st.one_of(PLAIN, st.lists(PLAIN, max_size=3), st.dictionaries(TEXTS, PLAIN, max_size=2))
ATTRIBUTES = st.dictionaries(TEXTS, VALUES, max_size=4)
RESOURCES = st.dictionaries(TEXTS, TEXTS, max_size=2).map(
    lambda more: {**more, "service.name": "shop"}
)

COUNTS = st.integers(0, 2**32 - 1)
EVENTS = st.builds(Event, TIMES, TEXTS, ATTRIBUTES, COUNTS)
LINKS = st.builds(Link, st.just("cd" * 16), IDS, ATTRIBUTES, TEXTS, COUNTS, COUNTS)


@st.composite
def spans(draw: st.DrawFn, span_id: str) -> Span:
    return Span(
        trace_id=TRACE_ID,
        span_id=span_id,
        parent_id=draw(st.none() | IDS),
        service="shop",
        name=draw(TEXTS),
        kind=draw(st.sampled_from(Kind)),
        start_ns=draw(TIMES),
        end_ns=draw(TIMES),
        status=draw(st.sampled_from(Status)),
        status_message=draw(TEXTS),
        attributes=draw(ATTRIBUTES),
        resource=draw(RESOURCES),
        scope=draw(TEXTS),
        scope_version=draw(TEXTS),
        events=tuple(draw(st.lists(EVENTS, max_size=2))),
        links=tuple(draw(st.lists(LINKS, max_size=2))),
        trace_state=draw(TEXTS),
        flags=draw(COUNTS),
        dropped=draw(st.builds(Dropped, COUNTS, COUNTS, COUNTS)),
        origin=draw(st.builds(Origin, TEXTS, COUNTS, ATTRIBUTES, TEXTS, COUNTS)),
    )


@st.composite
def whole_traces(draw: st.DrawFn) -> Trace:
    ids = draw(st.lists(IDS, unique=True, max_size=6))
    return Trace.of(TRACE_ID, [draw(spans(span_id)) for span_id in ids])


@settings(deadline=None, max_examples=20)
@given(whole_traces())
def test_otlp_json_is_read_as_it_was_written(trace: Trace) -> None:
    document = json.loads(json.dumps(traces_json([trace])))
    assert by_id(trace_of_otlp(TRACE_ID, document)) == by_id(trace)


@settings(deadline=None, max_examples=20)
@given(whole_traces())
def test_the_receiver_reads_the_same_out_of_otlp_json(trace: Trace) -> None:
    decoded = otlp_json_reader.spans(json.loads(json.dumps(traces_json([trace]))))
    assert decoded.rejected == 0
    assert {span.span_id: span for span in decoded.taken} == by_id(trace)


@settings(deadline=None, max_examples=20)
@given(whole_traces())
def test_the_json_of_lens_is_read_as_it_was_written(trace: Trace) -> None:
    read = trace_of_story(json.loads(json.dumps(story_json(trace))))
    assert by_id(read) == by_id(trace)


def test_log_lines_are_in_the_json_of_lens() -> None:
    line = LogLine(5, TRACE_ID, f"{1:016x}", "shop", "WARN", "low on tea", {"left": 2})
    trace = Trace(TRACE_ID, (), (line,))
    assert trace_of_story(json.loads(json.dumps(story_json(trace)))) == trace


def by_id(trace: Trace) -> dict[str, Span]:
    return {span.span_id: span for span in trace.spans}


@pytest.mark.parametrize("name", NAMES)
def test_jaegers_json_is_read_as_it_was_written_but_for_nanoseconds(name: str) -> None:
    trace = stored(name)
    found = read(json.dumps({"data": [trace_json(trace)]}).encode())
    [again] = traces_of(found.spans.taken)
    assert again == Trace.of(trace.trace_id, map(in_microseconds, trace.spans))


def in_microseconds(span: Span) -> Span:
    start = span.start_ns // 1000 * 1000
    took = span.duration_ns // 1000 * 1000
    events = tuple(replace(e, time_ns=e.time_ns // 1000 * 1000) for e in span.events)
    return replace(span, start_ns=start, end_ns=start + took, events=events)


PARENT, OTHER = (TRACE_ID, f"{1:016x}"), ("cd" * 16, f"{9:016x}")
CHILD_OF = {"opentracing.ref_type": "child_of"}


@pytest.mark.parametrize(
    ("links", "references"),
    [
        ([], ["CHILD_OF parent"]),
        ([Link(*PARENT)], ["CHILD_OF parent", "FOLLOWS_FROM parent"]),
        ([Link(*OTHER), Link(*PARENT)], ["CHILD_OF parent", "FOLLOWS_FROM", "FOLLOWS_FROM parent"]),
        ([Link(*PARENT, CHILD_OF)], ["CHILD_OF parent"]),
        ([Link(*OTHER, CHILD_OF)], ["CHILD_OF parent", "CHILD_OF"]),
        ([Link(*OTHER), Link(*OTHER, {"x": 1})], ["CHILD_OF parent", "FOLLOWS_FROM"]),
    ],
)
def test_jaeger_has_the_parent_first_also_where_a_span_links_to_it(
    links: list[Link], references: list[str]
) -> None:
    child = replace(stored("timeout").spans[1], trace_id=TRACE_ID, parent_id=PARENT[1])
    document = trace_json(Trace(TRACE_ID, (replace(child, links=tuple(links)),)))
    [span] = document["spans"]
    assert references == [
        one["refType"] + (" parent" if one["spanID"] == PARENT[1] else "")
        for one in span["references"]
    ]
    assert jaeger_reader.spans(document).taken[0].parent_id == PARENT[1]


def test_all_that_a_message_of_protobuf_says_of_a_span_is_in_the_json_that_is_written() -> None:
    message = ExportTraceServiceRequest()
    group = message.resource_spans.add(schema_url="https://a/1")
    group.resource.dropped_attributes_count = 1
    scoped = group.scope_spans.add(schema_url="https://b/2")
    scoped.scope.attributes.add(key="team").value.string_value = "tea"
    scoped.scope.dropped_attributes_count = 2
    ids = {"trace_id": bytes.fromhex(TRACE_ID), "span_id": b"12345678"}
    span = scoped.spans.add(**ids, flags=0x301, trace_state="a=b")
    span.dropped_attributes_count, span.dropped_events_count, span.dropped_links_count = 3, 4, 5
    span.events.add(name="e", dropped_attributes_count=6)
    span.links.add(**ids, trace_state="c=d", flags=0x101, dropped_attributes_count=7)
    [read_span] = otlp.spans(message).taken
    assert read_span.origin == Origin("https://a/1", 1, {"team": "tea"}, "https://b/2", 2)
    assert (read_span.dropped, read_span.flags, read_span.trace_state) == ((3, 4, 5), 0x301, "a=b")
    assert read_span.events[0].dropped == 6
    assert read_span.links[0] == Link(TRACE_ID, b"12345678".hex(), {}, "c=d", 0x101, 7)
    written = json.loads(json.dumps(traces_json([Trace(TRACE_ID, (read_span,))])))
    assert otlp_json_reader.spans(written).taken == [read_span]
