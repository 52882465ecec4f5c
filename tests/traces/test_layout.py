"""Where things are drawn, and in which colour and words."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.topology import SERVICES
from tests.lens.made import T0
from tests.lens.pages_traces import large
from traces.dependencies import Edge
from traces.layout.minimap import minimap
from traces.layout.palette import NAMED, STYLESHEET, colour
from traces.layout.service_map import BOX_H, BOX_W, chart
from traces.layout.waterfall import WIDTH, waterfall
from traces.model import Kind, Span, Trace
from traces.units import duration

NAMES = ("a", "b", Kind.INTERNAL)


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0 ns"),
        (999, "999 ns"),
        (12_340, "12.3 µs"),
        (999_600, "1 ms"),
        (1_250_000_000, "1.25 s"),
        (59_949_000_000, "59.9 s"),
        (125_000_000_000, "2 min 5 s"),
        (7_260_000_000_000, "2 h 1 min"),
        (7_200_000_000_000, "2 h"),
        (93_600_000_000_000, "1 day 2 h"),
        (172_800_000_000_000, "2 days"),
    ],
)
def test_durations_are_written_with_three_digits(ns: int, text: str) -> None:
    assert duration(ns) == text


def test_services_of_the_shop_have_a_colour_each() -> None:
    names = {service.name for service in SERVICES if service.traced} | set(NAMED)
    assert len({colour(name) for name in names}) == len(names)
    assert colour("somebody else") == colour("somebody else")


def test_bars_stand_where_the_spans_were() -> None:
    spans = [
        Span(
            "a" * 32,
            f"{at:016x}",
            None if at == 1 else f"{1:016x}",
            "a",
            "b",
            Kind.INTERNAL,
            T0 + start,
            T0 + end,
        )
        for at, (start, end) in enumerate([(0, 1000), (250, 500), (500, 500), (900, 800)], start=1)
    ]
    fall = waterfall(Trace("a" * 32, tuple(spans)))
    assert [(row.x, row.width) for row in fall.rows] == [(0, 1000), (250, 250), (500, 0), (900, 0)]
    assert fall.rows[2].bar == "M500 18h1"
    assert fall.rows[0].critical
    assert (fall.depth, fall.orphans) == (2, 0)


def test_the_overview_has_one_path_per_colour() -> None:
    fall = waterfall(Trace("a" * 32, tuple(large(1, 200).spans)))
    assert set(minimap(fall.rows)) == {
        colour("gateway"),
        colour("orders"),
        colour("shipping"),
        "failed",
    }
    assert all(0 <= row.x <= row.x + row.width <= WIDTH + 0.01 for row in fall.rows)


def test_callers_stand_left_of_whom_they_call() -> None:
    edges = [
        Edge("gateway", "auth", 5, 1),
        Edge("gateway", "orders", 4),
        Edge("orders", "shipping", 4),
        Edge("shipping", "carrier", 3, 3),
        Edge("gateway", "shipping", 1),
        Edge("orders", "sqlite", 3),
    ]
    drawn = chart(edges, ["gateway", "auth", "orders", "shipping"])
    assert drawn is not None
    boxes = {box.name: box for box in drawn.boxes}
    assert all(boxes[edge.parent].x < boxes[edge.child].x for edge in edges)
    assert {name for name, box in boxes.items() if box.outside} == {"carrier", "sqlite"}
    assert {name for name, box in boxes.items() if box.database} == {"sqlite"}


def test_there_is_no_map_without_calls_between_services() -> None:
    assert chart([], []) is None
    assert chart([Edge("a", "a", 3)], ["a"]) is None


NAME = st.sampled_from("abcdefgh")


@given(st.lists(st.tuples(NAME, NAME, st.integers(1, 10**6)), min_size=1, max_size=25))
def test_no_box_covers_another_whoever_calls_whom(calls: list[tuple[str, str, int]]) -> None:
    edges = [Edge(parent, child, count) for parent, child, count in calls]
    drawn = chart(edges, "abcdefgh")
    if drawn is None:
        assert all(parent == child for parent, child, _ in calls)
        return
    assert {b.name for b in drawn.boxes} == {
        n for e in edges if e.parent != e.child for n in (e.parent, e.child)
    }
    for at, box in enumerate(drawn.boxes):
        assert 0 <= box.x <= drawn.width - BOX_W
        assert 0 <= box.y <= drawn.height - BOX_H
        for other in drawn.boxes[at + 1 :]:
            assert abs(box.x - other.x) >= BOX_W or abs(box.y - other.y) >= BOX_H
    assert all(math.isfinite(curve.x) and "nan" not in curve.path for curve in drawn.curves)


def test_every_colour_stands_in_the_stylesheet() -> None:
    text = STYLESHEET.read_text()
    names = [*NAMED, *map(str, range(200)), "c-outside"]
    classes = {colour(name) for name in names} | {"c-outside"}
    assert [one for one in classes if f".{one} {{" not in text] == []
