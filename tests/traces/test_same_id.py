"""Spans of one trace with one id: each is kept, and children find the one that they belong to."""

from dataclasses import replace

import pytest

from traces.findings import findings
from traces.formats.jaeger import trace_json
from traces.formats.otlp_json import traces_json
from traces.formats.otlp_json_reader import spans as spans_in
from traces.formats.story import story_json, trace_of
from traces.model import Kind, Span, Trace
from traces.same_id import distinguished, traces_of, with_own_id
from traces.tree import tree

TRACE_ID = "ab" * 16
SHARED = f"{2:016x}"


def span(number: int, parent: int | None, service: str, kind: Kind, at: int, name: str) -> Span:
    parent_id = None if parent is None else f"{parent:016x}"
    span_id = f"{number:016x}"
    resource = {"service.name": service}
    return Span(TRACE_ID, span_id, parent_id, service, name, kind, at, 10, resource=resource)


# Zipkin's model: both sides of the call have the id 2 and the parent 1.
ROOT = span(1, None, "shop", Kind.SERVER, 0, "GET /")
CALL = span(2, 1, "shop", Kind.CLIENT, 1, "get cart")
ANSWER = span(2, 1, "cart", Kind.SERVER, 2, "GET /cart")
QUERY = span(3, 2, "cart", Kind.CLIENT, 3, "SELECT")
RETRY = span(4, 2, "shop", Kind.INTERNAL, 4, "wait")
ZIPKIN = (ROOT, CALL, ANSWER, QUERY, RETRY)


@pytest.mark.parametrize("order", [ZIPKIN, ZIPKIN[::-1], (ANSWER, QUERY, ROOT, CALL, RETRY)])
def test_both_sides_of_a_call_are_kept_the_receivers_below_the_callers(
    order: tuple[Span, ...],
) -> None:
    trace = Trace.of(TRACE_ID, distinguished(order))
    rows = [(row.depth, row.span.name) for row in tree(trace)]
    assert rows == [(0, "GET /"), (1, "get cart"), (2, "GET /cart"), (3, "SELECT"), (2, "wait")]
    assert trace.is_whole


def test_without_the_callers_side_children_still_find_the_receivers() -> None:
    answer = with_own_id(ANSWER)
    trace = Trace.of(TRACE_ID, distinguished([ROOT, answer, QUERY]))
    assert [row.depth for row in tree(trace)] == [0, 1, 2]
    assert trace.is_whole


def test_a_span_that_comes_twice_is_one_and_keeps_its_ids() -> None:
    assert distinguished([ROOT, CALL, ROOT, replace(CALL)]) == (ROOT, CALL)


def test_an_own_id_is_the_same_whenever_the_span_comes() -> None:
    assert with_own_id(ANSWER) == with_own_id(replace(ANSWER))
    assert with_own_id(ANSWER).span_id != with_own_id(CALL).span_id
    assert distinguished([*ZIPKIN, ANSWER, CALL]) == distinguished(ZIPKIN)


def test_a_child_belongs_to_the_span_of_its_own_service() -> None:
    forked = span(2, 1, "worker", Kind.INTERNAL, 2, "job")
    below = span(5, 2, "worker", Kind.INTERNAL, 3, "part")
    trace = Trace.of(TRACE_ID, distinguished([ROOT, CALL, forked, below, RETRY]))
    parents = {one.name: up.name for one in trace.spans if (up := trace.parent_of(one))}
    assert parents == {"get cart": "GET /", "job": "GET /", "part": "job", "wait": "get cart"}


def test_a_finding_says_which_spans_share_an_id() -> None:
    found = [one.sentence for one in findings(Trace.of(TRACE_ID, distinguished(ZIPKIN)))]
    sentence = f"Both sides of a call share the id {SHARED}, as in Zipkin: "
    assert f"{sentence}shop: get cart and cart: GET /cart." in found
    three = [replace(RETRY, name=name) for name in ("a", "b", "c", "d")]
    found = [one.sentence for one in findings(Trace.of(TRACE_ID, distinguished([ROOT, *three])))]
    assert f"4 spans share the id {RETRY.span_id}: shop: a, shop: b, shop: c and shop: d." in found


def test_what_is_written_has_the_ids_that_came_and_is_the_same_trace_when_read_again() -> None:
    [trace] = traces_of(ZIPKIN)
    written = spans_in(traces_json([trace])).taken
    assert sorted(written, key=lambda one: one.start_ns) == list(ZIPKIN)
    assert traces_of(written) == [trace]
    assert trace_of(story_json(trace)) == trace


def test_jaegers_json_has_the_ids_that_came_and_a_warning() -> None:
    [trace] = traces_of(ZIPKIN)
    spans = {one["operationName"]: one for one in trace_json(trace)["spans"]}
    assert spans["GET /cart"]["spanID"] == SHARED
    assert spans["GET /cart"]["warnings"] == [f"another span has the id {SHARED} too"]
    assert spans["SELECT"]["references"][0]["spanID"] == SHARED
    assert spans["GET /"]["warnings"] is None
