"""Where things are drawn, and in which colour and words."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.topology import SERVICES
from tests.lens.made import T0
from tests.lens.pages_traces import large
from traces.dependencies import Edge
from traces.layout.hops import hops
from traces.layout.minimap import minimap
from traces.layout.palette import NAMED, OUTSIDE, STYLESHEET, colour, colour_among
from traces.layout.service_map import BOX_H, BOX_W, chart
from traces.layout.waterfall import WIDTH, waterfall
from traces.model import Kind, Span, Status, Trace
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


@pytest.mark.parametrize(
    ("name", "senders", "expected"),
    [
        ("frontend", ("frontend",), colour("frontend")),
        ("frontend", (), colour("frontend")),  # its spans are still on their way
        ("payment", ("gateway",), colour("payment")),
        ("bakery", ("bakery",), colour("bakery")),
        ("bank", ("payment",), OUTSIDE),
        ("sqlite", (), OUTSIDE),
    ],
)
def test_a_name_has_one_colour_wherever_it_is_drawn(
    name: str, senders: tuple[str, ...], expected: str
) -> None:
    assert colour_among(name, senders) == expected
    plot = chart([Edge("caller", name, 1)], (*senders, "caller"))
    assert plot is not None
    assert next(box.colour for box in plot.boxes if box.name == name) == expected
    call = Span(
        *("a" * 32, "1" * 16, None, "caller", "call", Kind.CLIENT, 0, 10),
        attributes={"service.peer.name": name},
    )
    work = [
        Span(
            "a" * 32,
            f"{at:016x}",
            "1" * 16 if one == name else None,
            one,
            "work",
            Kind.SERVER,
            1,
            9,
        )
        for at, one in enumerate(senders, start=2)
    ]
    rows = hops(Trace("a" * 32, (call, *work))).rows
    assert {row.colour for row in rows if row.service == name} == {expected}


def test_the_overview_shows_services_in_their_colours_and_failures_as_notches() -> None:
    """Also where every span has failed."""
    spans = [
        Span(
            "a" * 32,
            f"{n:016x}",
            None,
            "shop",
            "work",
            Kind.SERVER,
            T0 + n,
            T0 + n + 50,
            Status.ERROR,
        )
        for n in range(5)
    ]
    drawn = minimap(waterfall(Trace("a" * 32, tuple(spans))).rows)
    assert list(drawn) == [colour("shop"), "failed"]
    assert drawn[colour("shop")].count("M") == drawn["failed"].count("M") == 5
    widths = [int(width) for width in re.findall(r"h([0-9]+)v", drawn["failed"])]
    assert all(0 < width <= 8 for width in widths)


@pytest.mark.parametrize("spans", [1, 130, 3_000])
def test_the_overview_stays_small_however_long_the_trace_is(spans: int) -> None:
    drawn = minimap(waterfall(Trace("a" * 32, tuple(large(1, spans).spans))).rows)
    text = "".join(drawn.values())
    assert len(text) < 60_000
    ends = [
        (float(x) + float(width), float(y) + float(tall))
        for x, y, width, tall in re.findall(r"M([0-9.]+) ([0-9.]+)h([0-9.]+)v([0-9.]+)", text)
    ]
    assert ends
    assert all(x <= WIDTH and y <= 61 for x, y in ends)
