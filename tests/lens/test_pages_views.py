"""The geometry and the words behind the pages, without any page."""

import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lens.domain.durations import parse_duration
from lens.views.histogram import as_typed
from lens.views.moments import ago, size, zone
from lens.views.scatter import scatter
from lens.views.search_form import read_form
from tests.lens.made import T0
from traces.summary import TraceSummary
from traces.units import share

SECOND = 1_000_000_000


def row(start_ns: int, length_ns: int, errors: int = 0) -> TraceSummary:
    return TraceSummary("1" * 32, "a", "b", start_ns, start_ns + length_ns, 3, errors, 0, ())


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


@given(st.text(max_size=40))
def test_no_text_in_any_field_raises(text: str) -> None:
    names = ("service", "tags", "minDuration", "maxDuration", "lookback", "limit", "sort")
    for params in (dict.fromkeys(names, text), {"start": text, "end": text}):
        form = read_form(params, 1_700_000_000 * SECOND)
        assert 1 <= form.query.limit <= 1500


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


@pytest.mark.parametrize(
    ("seconds", "days", "hours"),
    [
        (0, False, True),
        (600, False, True),
        (86_000, True, True),  # with its margins more than a day
        (2 * 86_400, True, True),
        (20 * 86_400, True, False),
        (3_000 * 86_400, True, False),
    ],
)
def test_the_time_axis_has_dates_where_it_spans_more_than_a_day(
    seconds: int, days: bool, hours: bool
) -> None:
    plot = scatter([row(SECOND, 1_000), row((1 + seconds) * SECOND, 1_000)])
    assert plot is not None
    assert (plot.days, plot.hours) == (days, hours)
    assert 1 <= len(plot.times) <= 7
    assert not plot.times[0].spare


@pytest.mark.parametrize("power", range(3, 17))
def test_the_axis_of_durations_has_few_round_labels(power: int) -> None:
    for shortest in (1_000, 10**power):
        plot = scatter([row(SECOND, shortest), row(SECOND, 10**power), row(SECOND, 2 * 10**power)])
        assert plot is not None
        labels = [tick.label for tick in plot.durations]
        assert 0 < len(labels) <= 8
        assert all(len(label) <= 9 for label in labels), labels
        places = sorted(tick.at for tick in plot.durations)
        assert all(after - before > 10 for before, after in pairwise(places))


def test_a_wide_spread_of_durations_is_shown_on_a_logarithmic_scale() -> None:
    narrow = scatter([row(SECOND, 10_000_000), row(SECOND, 40_000_000)])
    wide = scatter([row(SECOND, 10_000_000), row(SECOND, 4_000_000_000)])
    assert narrow is not None
    assert wide is not None
    assert (narrow.logarithmic, wide.logarithmic) == (False, True)


NOW = 1_700_000_000 * SECOND


@pytest.mark.parametrize(
    ("params", "start_ns"),
    [
        ({"lookback": "any"}, None),
        ({"lookback": "custom"}, None),
        ({"lookback": "3h"}, NOW - 3 * 3600 * SECOND),
        ({"lookback": "custom", "last": "3h"}, NOW - 3 * 3600 * SECOND),
        ({"lookback": "custom", "last": "last 90 m"}, NOW - 90 * 60 * SECOND),
        ({"lookback": "custom", "last": "1d12h"}, NOW - 36 * 3600 * SECOND),
        ({"lookback": "24h", "last": "3h"}, NOW - 24 * 3600 * SECOND),
        ({}, NOW - 24 * 3600 * SECOND),
    ],
)
def test_how_far_to_look_back_needs_no_dates(params: dict[str, str], start_ns: int | None) -> None:
    form = read_form(params, NOW)
    assert not form.wrong
    assert form.query.start_ns == start_ns
    assert form.live


@pytest.mark.parametrize(
    ("params", "wrong"),
    [
        ({"last": "soon"}, "“soon” is not a span of time"),
        ({"last": "3"}, "“3” is not a span of time"),
        ({"last": "-3h"}, "“-3h” is not a span of time"),
        ({"last": "3h", "start": "2026-01-01T00:00"}, "Either this or two moments"),
    ],
)
def test_a_custom_time_that_cannot_be_read_says_so(params: dict[str, str], wrong: str) -> None:
    assert wrong in read_form({"lookback": "custom"} | params, NOW).wrong["last"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(-3600, "in the future"), (-3, "in the future"), (-1, "just now")]
)
def test_what_is_not_yet_is_not_just_now(seconds: int, words: str) -> None:
    assert ago(T0 - seconds * SECOND, T0) == words


@pytest.fixture
def zone_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """The words for a time zone in November."""

    def named(name: str) -> str:
        monkeypatch.setenv("TZ", name)
        time.tzset()
        return zone(T0)

    yield named
    monkeypatch.undo()
    time.tzset()


def test_the_time_zone_is_named(zone_of: Callable[[str], str]) -> None:
    zones = ["UTC0", "CET-1CEST", "IST-5:30", "NST3:30NDT"]
    assert [zone_of(name) for name in zones] == ["UTC", "UTC+1", "UTC+5:30", "UTC-3:30"]


def test_bars_count_the_traces_of_each_duration_and_name_its_bounds() -> None:
    rows = [row(T0, ms * 1_000_000, errors=ms == 3) for ms in (1, 2, 3, 3, 50, 900)]
    plot = scatter(rows)
    assert plot is not None
    assert sum(bar.traces for bar in plot.bars) == len(rows)
    assert sum(bar.failed for bar in plot.bars) == 2
    assert max(bar.width for bar in plot.bars) == 100
    lowest, highest = plot.bars[0], plot.bars[-1]
    assert lowest.y > highest.y
    for bar in plot.bars:
        low = parse_duration(bar.low) or 0
        high = parse_duration(bar.high) or 10 * SECOND
        assert sum(low <= one.duration_ns < high for one in rows) == bar.traces, bar.words


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=30))
def test_every_trace_is_in_one_bar(durations: list[int]) -> None:
    plot = scatter([row(T0, ns) for ns in durations])
    assert plot is not None
    assert sum(bar.traces for bar in plot.bars) == len(durations)
    assert all(0 <= bar.y <= 100 for bar in plot.bars)


@pytest.mark.parametrize(
    ("ns", "text"),
    [(0.4, "0.40ns"), (1_500, "1.50us"), (12_345_678, "12.3ms"), (812e6, "812ms"), (9e12, "9000s")],
)
def test_bounds_are_written_as_a_search_reads_them(ns: float, text: str) -> None:
    assert as_typed(ns) == text
    assert parse_duration(text) is not None


def test_a_bar_replaces_the_durations_that_the_query_has() -> None:
    form = read_form({"q": "service=a trace.duration>1s x=1", "lookback": "1h"}, T0)
    assert form.lasting
    wanted = "/search?q=trace.duration%3E%3D1ms+trace.duration%3C2ms+service%3Da+x%3D1"
    assert form.lasting_from("1ms", "2ms").startswith(wanted)
    assert "duration" not in form.lasting_from()
