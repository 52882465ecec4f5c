"""A trace as a flame graph and as a graph of its operations."""

import pytest

from tests.lens.made import MS, span, trace
from tests.lens.pages_traces import articles, large
from traces.layout.flame import DEEPEST, MOST_FRAMES, flame
from traces.layout.trace_graph import GRID, MOST_BOXES, trace_graph
from traces.model import Span, Status, Trace

FAILED = Status.ERROR
# A request that calls a store twice in parallel, once with an error, and works on alone.
SHOP = trace(
    span(1, at=0, ms=100, service="shop", name="order"),
    span(2, 1, at=10, ms=40, service="shop", name="query"),
    span(3, 1, at=20, ms=40, service="shop", name="query", status=FAILED),
    span(4, 2, at=15, ms=10, service="store", name="read"),
)


def test_siblings_alike_are_one_frame_as_wide_as_their_own_work() -> None:
    drawn = flame(SHOP)
    frames = {(f.node.service, f.node.name): f for f in drawn.frames}
    order, query, read = frames["shop", "order"], frames["shop", "query"], frames["store", "read"]
    assert (order.node.self_ns, query.node.self_ns, read.node.self_ns) == (
        50 * MS,
        70 * MS,
        10 * MS,
    )
    assert drawn.total_ns == order.node.total_ns == 130 * MS
    assert (query.node.spans, query.node.errors, query.node.first.span_id) == (2, 1, f"{3:016x}")
    assert (order.x, order.width, query.x) == (0, 100, 0)
    assert query.width == pytest.approx(100 * 80 / 130, abs=0.001)
    assert order.y < query.y < read.y < drawn.height


def test_a_frame_fills_the_width_when_it_is_looked_at() -> None:
    drawn = flame(SHOP, SHOP.by_id[f"{2:016x}"])
    assert [(f.node.name, f.width, f.above) for f in drawn.frames] == [
        ("order", 100, True),
        ("query", 100, False),
        ("read", 12.5, False),
    ]
    assert drawn.focus is drawn.frames[1].node


def test_children_never_leave_the_width_of_their_parent() -> None:
    recorded = large(1, 2_000)
    drawn = flame(Trace.of(recorded.trace_id, recorded.spans))
    places = {id(f.node): f for f in drawn.frames}
    for frame in drawn.frames:
        if frame.node.above:
            above = places[id(frame.node.above)]
            assert above.x - 0.01 <= frame.x
            assert frame.x + frame.width <= above.x + above.width + 0.01


@pytest.mark.parametrize(
    "spans",
    [
        [span(n, n - 1 if n > 1 else None, at=n, ms=2_000 - n) for n in range(1, 1_500)],
        [span(1, ms=1_600), *(span(n, 1, at=n, ms=1, name=f"work {n}") for n in range(2, 1_500))],
        [span(1), *(span(n, 1, ms=0, name=f"work {n}") for n in range(2, 1_500))],
    ],
    ids=["deep", "wide", "without time"],
)
def test_the_drawings_of_a_large_trace_are_bounded(spans: list[Span]) -> None:
    drawn = flame(trace(*spans))
    assert len(drawn.frames) <= MOST_FRAMES
    assert drawn.left_out + len(drawn.frames) <= 1_500
    assert drawn.height <= (DEEPEST + 1) * 26
    graph = trace_graph(trace(*spans))
    assert len(graph.boxes) <= MOST_BOXES


def test_an_operation_is_one_box_however_often_it_ran() -> None:
    recorded = articles(1)
    graph = trace_graph(Trace.of(recorded.trace_id, recorded.spans))
    assert [(box.work.service, box.work.spans) for box in graph.boxes] == [
        ("articles", 1),
        ("articles", 8),
        ("suggestions", 8),
    ]
    assert [curve.edge.calls for curve in graph.curves] == [8, 8]
    assert sum(box.share for box in graph.boxes) == pytest.approx(100, abs=0.5)
    xs = [box.x for box in graph.boxes]
    assert xs == sorted(xs)
    assert graph.width == xs[-1] + GRID.box_w + 24


def test_too_many_operations_become_services_and_too_many_services_are_cut() -> None:
    spans = [span(1, service="a"), *(span(n, 1, service="b", name=f"w{n}") for n in range(2, 80))]
    graph = trace_graph(trace(*spans))
    assert (graph.by_service, graph.left_out, len(graph.boxes)) == (True, 0, 2)
    many = [span(1, service="a"), *(span(n, 1, service=f"s{n}") for n in range(2, 80))]
    assert trace_graph(trace(*many)).left_out == 79 - MOST_BOXES


def test_what_calls_itself_or_no_one_has_a_box_without_a_curve() -> None:
    graph = trace_graph(trace(span(1), span(2, 1), span(3, service="other", status=FAILED)))
    assert [(box.work.service, box.work.errors) for box in graph.boxes] == [
        ("shop", 0),
        ("other", 1),
    ]
    assert graph.curves == ()


def test_parents_in_a_ring_are_drawn_all_the_same() -> None:
    ring = trace(span(1, 2), span(2, 1, name="more"))
    assert len(flame(ring).frames) == 2
    assert len(trace_graph(ring).curves) == 2
