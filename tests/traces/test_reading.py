"""What is read from a trace: its tree, critical path, root causes, summary and calls."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lens.made import MS, T0, span, span_id, trace
from traces.causes import root_causes
from traces.critical_path import critical_path, spans_on, time_on
from traces.dependencies import Call, Edge, edges
from traces.model import Span, Status
from traces.semconv import peer_of, spellings, value_of
from traces.summary import summary
from traces.tree import self_times, tree


def segments(*spans: Span) -> list[tuple[int, float, float]]:
    return [
        (int(one.span.span_id, 16), (one.start_ns - T0) / MS, (one.end_ns - T0) / MS)
        for one in critical_path(trace(*spans))
    ]


def test_the_critical_path_of_a_lone_span_is_the_span() -> None:
    assert segments(span(1, ms=10)) == [(1, 0, 10)]


def test_the_critical_path_goes_through_calls_one_after_the_other() -> None:
    spans = (span(1, ms=100), span(2, 1, at=10, ms=20), span(3, 1, at=40, ms=50))
    assert segments(*spans) == [(1, 0, 10), (2, 10, 30), (1, 30, 40), (3, 40, 90), (1, 90, 100)]


def test_of_parallel_calls_only_the_last_to_finish_is_on_the_critical_path() -> None:
    spans = (span(1, ms=100), span(2, 1, at=10, ms=30), span(3, 1, at=10, ms=80))
    assert segments(*spans) == [(1, 0, 10), (3, 10, 90), (1, 90, 100)]


def test_a_child_that_outlives_its_parent_counts_only_as_long_as_the_parent() -> None:
    spans = (span(1, ms=50), span(2, 1, at=20, ms=100), span(3, 2, at=30, ms=80))
    assert segments(*spans) == [(1, 0, 20), (2, 20, 30), (3, 30, 50)]


def test_a_child_outside_its_parents_time_is_not_on_the_critical_path() -> None:
    spans = (span(1, ms=50), span(2, 1, at=60, ms=10), span(3, 1, at=-30, ms=10))
    assert segments(*spans) == [(1, 0, 50)]


def test_the_critical_path_ends_although_parents_form_a_ring() -> None:
    assert segments(span(1, 2, ms=10), span(2, 1, ms=10)) == [(2, 0, 10)]


@settings(deadline=None)
@given(st.integers(1, 40), st.randoms(use_true_random=False))
def test_the_critical_path_covers_the_root_without_gap_or_overlap(
    count: int, draw: random.Random
) -> None:
    spans = [span(1, at=0, ms=100)]
    for number in range(2, count + 1):
        start = draw.uniform(-20, 120)
        parent = draw.randint(1, number - 1)
        spans.append(span(number, parent, at=start, ms=draw.uniform(0, 80)))
    path = critical_path(trace(*spans))
    assert path[0].start_ns == spans[0].start_ns
    assert path[-1].end_ns == spans[0].end_ns
    assert all(one.end_ns == after.start_ns for one, after in pairwise(path))
    assert sum(time_on(path).values()) == spans[0].duration_ns
    assert spans_on(path) <= {one.span_id for one in spans}


def test_a_tree_is_depth_first_with_children_by_start() -> None:
    rows = tree(trace(span(1, ms=90), span(4, 1, at=50), span(2, 1, at=5), span(3, 2, at=6)))
    assert [(int(row.span.span_id, 16), row.depth, row.children) for row in rows] == [
        (1, 0, 2),
        (2, 1, 1),
        (3, 2, 0),
        (4, 1, 0),
    ]
    assert not any(row.orphan for row in rows)


def test_a_span_whose_parent_is_missing_is_an_orphan_at_the_top() -> None:
    rows = tree(trace(span(1), span(2, 99, at=1), span(3, 2, at=2)))
    assert [(row.depth, row.orphan) for row in rows] == [(0, False), (0, True), (1, False)]


def test_spans_in_a_ring_of_parents_are_shown_once() -> None:
    rows = tree(trace(span(1, 2), span(2, 3, at=1), span(3, 1, at=2), span(4, 4, at=3)))
    assert sorted(int(row.span.span_id, 16) for row in rows) == [1, 2, 3, 4]


def test_a_trace_deeper_than_the_stack_is_a_tree_too() -> None:
    deep = trace(*(span(n, n - 1 if n > 1 else None, at=n / 100) for n in range(1, 3_001)))
    assert tree(deep)[-1].depth == 2_999
    assert len(spans_on(critical_path(deep))) > 0


def test_the_root_cause_is_the_failed_span_below_which_nothing_failed() -> None:
    spans = (
        span(1, status=Status.ERROR),
        span(2, 1, status=Status.ERROR),
        span(3, 2, status=Status.ERROR),
        span(4, 1, at=5, status=Status.ERROR),
        span(5, 4, at=6, status=Status.OK),
    )
    assert [one.span_id for one in root_causes(trace(*spans))] == [span_id(3), span_id(4)]


def test_own_time_is_what_no_child_fills_and_overlaps_count_once() -> None:
    spans = (
        span(1, ms=100),
        span(2, 1, at=10, ms=30),
        span(3, 1, at=20, ms=30),
        span(4, 1, at=90, ms=50),
    )
    own = self_times(trace(*spans))
    assert own[span_id(1)] == 50 * MS
    assert own[span_id(4)] == 50 * MS


def test_a_summary_counts_spans_errors_orphans_and_services() -> None:
    row = summary(
        [
            span(2, 1, at=5, ms=50, service="cart", status=Status.ERROR),
            span(1, ms=20, service="shop", name="GET /"),
            span(3, 77, at=1, service="cart"),
        ]
    )
    assert (row.root_service, row.root_name) == ("shop", "GET /")
    assert (row.spans, row.errors, row.orphans) == (3, 1, 1)
    assert row.duration_ns == 55 * MS
    assert [(one.name, one.spans, one.errors) for one in row.services] == [
        ("cart", 2, 1),
        ("shop", 1, 0),
    ]


def test_while_the_root_is_missing_the_earliest_orphan_names_the_trace() -> None:
    row = summary([span(5, 4, at=3, name="late"), span(4, 9, at=1, name="early")])
    assert (row.root_name, row.orphans) == ("early", 1)


@settings(deadline=None)
@given(st.permutations(range(6)))
def test_a_summary_is_the_same_in_whatever_order_spans_come(order: list[int]) -> None:
    spans = [span(1, service="a", ms=9), *(span(n, n - 1, at=n, service="b") for n in range(2, 7))]
    assert summary(spans[n] for n in order) == summary(spans)


def test_old_and_new_names_of_an_attribute_mean_the_same() -> None:
    assert spellings("http.method")[0] == "http.request.method"
    assert value_of({"db.system": "redis"}, "db.system.name") == "redis"
    assert spellings("acmeshop.user") == ("acmeshop.user",)


@pytest.mark.parametrize(
    ("attributes", "peer"),
    [
        ({"db.system.name": "sqlite", "server.address": "disk"}, "sqlite"),
        ({"server.address": "carrier"}, "carrier"),
        ({"peer.service": "bank", "server.address": "10.0.0.1"}, "bank"),
        ({"server.address": "127.0.0.1"}, None),
        ({}, None),
    ],
)
def test_a_callers_span_names_whom_it_called(attributes: dict[str, str], peer: str | None) -> None:
    assert peer_of(span(1, kind="client", attributes=attributes)) == peer
    assert peer_of(span(1, kind="server", attributes=attributes)) is None


def test_calls_between_the_same_two_are_one_edge() -> None:
    calls = [
        Call("a", "b", n * MS, Status.ERROR if n % 10 == 0 else Status.OK) for n in range(1, 101)
    ]
    assert edges([*calls, Call("b", "c", 5, Status.OK)]) == [
        Edge("a", "b", 100, 10, 95 * MS),
        Edge("b", "c", 1, 0, 5),
    ]
