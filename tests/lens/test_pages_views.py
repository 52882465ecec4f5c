"""The geometry and the words behind the pages, without any page."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lens.domain.durations import parse_duration
from lens.views.moments import ago, size
from lens.views.scatter import scatter
from lens.views.search_form import parse_tags, read_form
from shared.topology import SERVICES
from tests.lens.pages_traces import large
from traces.dependencies import Edge
from traces.layout.palette import NAMED, colour
from traces.layout.service_map import BOX_H, BOX_W, chart
from traces.layout.waterfall import WIDTH, minimap, waterfall
from traces.model import Kind, Span, Trace
from traces.summary import TraceSummary
from traces.units import duration, share

SECOND = 1_000_000_000
NAMES = ("a", "b", Kind.INTERNAL)


def row(start_ns: int, length_ns: int, errors: int = 0) -> TraceSummary:
    return TraceSummary("1" * 32, "a", "b", start_ns, start_ns + length_ns, 3, errors, 0, ())


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
    ],
)
def test_durations_are_written_with_three_digits(ns: int, text: str) -> None:
    assert duration(ns) == text


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("100ms", 100_000_000),
        ("1.5s", 1_500_000_000),
        ("500us", 500_000),
        ("500µs", 500_000),
        ("1m30s", 90 * SECOND),
        ("2d", 172_800 * SECOND),
        ("", None),
        ("abc", None),
        ("10", None),
        ("-5ms", None),
    ],
)
def test_durations_are_read_as_go_writes_them(text: str, ns: int | None) -> None:
    assert parse_duration(text) == ns


def test_small_words() -> None:
    assert [size(n) for n in (12, 1_500, 12_000_000)] == ["12 B", "1.5 kB", "12 MB"]
    assert [share(n, 1000) for n in (0, 1, 200, 999, 1000)] == [
        "0 %",
        "<1 %",
        "20 %",
        "99 %",
        "100 %",
    ]
    assert [ago(0, n * SECOND) for n in (1, 30, 90, 7200, 90_000)] == [
        "just now",
        "30 s ago",
        "1 min ago",
        "2 h ago",
        "1 day ago",
    ]


def test_tags_are_logfmt_or_json() -> None:
    assert parse_tags('a=1 b="two words" c="say \\"hi\\"" d') == {
        "a": "1",
        "b": "two words",
        "c": 'say "hi"',
        "d": "true",
    }
    assert parse_tags('{"a": 1, "b": "x", "c": true}') == {"a": "1", "b": "x", "c": "true"}


@given(st.text(max_size=40))
def test_no_text_in_any_field_raises(text: str) -> None:
    names = ("service", "tags", "minDuration", "maxDuration", "lookback", "limit", "sort")
    for params in (dict.fromkeys(names, text), {"start": text, "end": text}):
        form = read_form(params, 1_700_000_000 * SECOND)
        assert 1 <= form.query.limit <= 1500


def test_services_of_the_shop_have_a_colour_each() -> None:
    names = {service.name for service in SERVICES if service.traced} | set(NAMED)
    assert len({colour(name) for name in names}) == len(names)
    assert colour("somebody else") == colour("somebody else")


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2**62), st.integers(0, 2**50), st.integers(min_value=0, max_value=2)
        ),
        max_size=30,
    )
)
def test_every_mark_is_inside_the_plot(traces: list[tuple[int, int, int]]) -> None:
    plot = scatter([row(*trace) for trace in traces])
    if plot is None:
        assert not traces
        return
    assert len(plot.marks) == len(traces)
    assert all(0 <= mark.x <= 100 and 0 <= mark.y <= 100 for mark in plot.marks)
    assert all(0 <= tick.at <= 100 for tick in (*plot.times, *plot.durations))


def test_a_wide_spread_of_durations_is_shown_on_a_logarithmic_scale() -> None:
    narrow = scatter([row(SECOND, 10_000_000), row(SECOND, 40_000_000)])
    wide = scatter([row(SECOND, 10_000_000), row(SECOND, 4_000_000_000)])
    assert narrow is not None
    assert wide is not None
    assert (narrow.logarithmic, wide.logarithmic) == (False, True)


def test_bars_stand_where_the_spans_were() -> None:
    spans = [
        Span(
            "a" * 32,
            f"{at:016x}",
            None if at == 1 else f"{1:016x}",
            "a",
            "b",
            Kind.INTERNAL,
            start,
            end,
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
