"""Traces that were recorded oddly: clocks that disagree, impossible times, rings, shared ids."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.lens.made import MS, T0, span, span_id, trace
from tests.traces.corpus import stored
from traces.clocks import aligned, clocks_of
from traces.critical_path import critical_path, time_on
from traces.findings import findings
from traces.gaps import sender
from traces.layout.hops import hops
from traces.layout.waterfall import waterfall
from traces.model import LogLine, Span, Status, Trace
from traces.same_id import traces_of
from traces.timeline import extent, odd_times
from traces.times import odd_time, took
from traces.tree import indented, self_times, tree
from traces.verdict import verdict

S = 1000 * MS
HOUR = 3600 * S
ANSWERED = {"http.response.status_code": 200}
Times = tuple[float, float]


def call(
    caller: Times,
    callee: Times,
    *,
    attributes: Mapping[str, Any] = ANSWERED,
    status: Status = Status.UNSET,
    kinds: tuple[str, str] = ("client", "server"),
    hosts: tuple[str, str] = ("", ""),
) -> Trace:
    """A service `a` that calls a service `b`; times are start and end in milliseconds."""

    def one(number: int, service: str, at: Times, kind: str, host: str, **more: Any) -> Span:
        resource = {"service.name": service, **({"host.name": host} if host else {})}
        length = at[1] - at[0]
        return span(
            number, service=service, at=at[0], ms=length, kind=kind, resource=resource, **more
        )

    up = one(1, "a", caller, kinds[0], hosts[0], attributes=attributes, status=status)
    down = one(2, "b", callee, kinds[1], hosts[1], parent=1)
    return Trace.of(up.trace_id, [up, down])


def ahead_of_b(made: Trace) -> float:
    """By how many milliseconds the clock of `b` is ahead."""
    [callee] = (one for one in made.spans if one.service == "b")
    return clocks_of(made).ahead(callee) / MS


@pytest.mark.parametrize(
    ("caller", "callee", "ahead"),
    [
        ((0, 100), (-1000, -920), -1010),  # begins before its caller, and is centred in it
        ((0, 100), (60, 140), 50),  # ends after it
        ((0, 100), (200, 280), 190),
        ((0, 100), (-40, 100), -40),  # longer than its caller: the starts are aligned
        ((0, 100), (3_600_010, 3_600_090), 3_600_000),
        ((0, 100), (10, 90), 0),
        ((0, 100), (0, 100), 0),
        ((0, 100), (-0.9, 80), 0),  # some clocks count whole milliseconds
        ((0, 100), (40, 109), 0),  # a server's span may end a little after its answer
        ((0, 100), (10, 150), 0),  # longer than its caller, so that it worked on
    ],
)
def test_the_clock_of_a_callee_is_known_by_its_calls(
    caller: Times, callee: Times, ahead: float
) -> None:
    assert ahead_of_b(call(caller, callee)) == ahead


@pytest.mark.parametrize(
    "more",
    [
        {"attributes": {}, "status": Status.ERROR},  # no answer came: a timeout
        {"kinds": ("producer", "consumer")},
        {"kinds": ("internal", "server")},
        {"hosts": ("box", "box")},
    ],
    ids=["timeout", "message", "not awaited", "one host"],
)
def test_who_did_not_wait_says_nothing_of_the_end(more: dict[str, Any]) -> None:
    assert ahead_of_b(call((0, 100), (60, 140), **more)) == 0
    assert ahead_of_b(call((0, 100), (-60, 20), **more)) == -60


def test_spans_of_one_process_have_one_clock() -> None:
    made = trace(span(1, at=0, ms=10, kind="client"), span(2, 1, at=-500, ms=5, kind="server"))
    assert clocks_of(made).offsets == {}


def test_two_hosts_of_one_service_have_a_clock_each() -> None:
    made = stored("skew_instances")
    late = {one.span_id: clocks_of(made).ahead(one) / MS for one in made.spans}
    assert late[span_id(4)] == 0
    assert late[span_id(5)] == -300


def test_all_calls_between_two_processes_count_for_their_clocks() -> None:
    parts = [span(1, ms=500, service="a")]
    for number, (start, end) in enumerate([(-80, 10), (20, 140), (300, 395)]):
        at = 150 * number
        parts += [
            span(2 + 2 * number, 1, at=at, ms=145, service="a", kind="client", attributes=ANSWERED),
            span(3 + 2 * number, 2 + 2 * number, at=start, ms=end - start, service="b",
                 kind="server"),
        ]  # fmt: skip
    ahead = clocks_of(trace(*parts)).ahead(parts[2]) / MS
    # The second call bounds it above by -130, the first below by -135.
    assert ahead == -130


def test_calls_back_count_for_the_same_pair() -> None:
    made = trace(
        span(1, ms=100, service="a", kind="client", attributes=ANSWERED),
        span(2, 1, at=1010, ms=80, service="b", kind="server"),
        span(3, 2, at=1020, ms=60, service="b", kind="client", attributes=ANSWERED),
        span(4, 3, at=30, ms=40, service="a", kind="server"),
    )
    assert [clocks_of(made).ahead(one) / MS for one in made.spans] == [0, 1000, 1000, 0]


def test_skew_blames_nobody() -> None:
    right, wrong = call((0, 100), (5, 95)), call((0, 100), (3_600_005, 3_600_095))
    for made in (right, wrong):
        assert time_on(critical_path(made)) == {span_id(1): 10 * MS, span_id(2): 90 * MS}
        assert self_times(made) == {span_id(1): 10 * MS, span_id(2): 90 * MS}
        assert [row.bars[0].x for row in hops(made).rows] == [50]
    where = {one.kind: one.sentence for one in findings(wrong)}
    assert where["time"].endswith("was b itself.")


def test_the_first_of_several_causes_is_the_one_that_was_first_by_agreeing_clocks() -> None:
    spans = (
        span(1, ms=100, service="a", kind="server"),
        span(2, 1, at=10, ms=20, service="a", kind="client", attributes=ANSWERED),
        span(3, 2, at=12, ms=16, service="b", kind="server", status=Status.ERROR),
        span(4, 1, at=50, ms=20, service="a", kind="client", attributes=ANSWERED),
        span(5, 4, at=-952, ms=16, service="c", kind="server", status=Status.ERROR),
    )
    assert verdict(Trace.of(spans[0].trace_id, spans)).causes[0].who == "b"


def test_an_aligned_trace_is_as_if_all_clocks_agreed() -> None:
    wrong = call((0, 100), (-3_600_000 + 10, -3_600_000 + 90))
    line = LogLine(T0 - HOUR, wrong.trace_id, span_id(2), "b", "INFO", "hello")
    made = aligned(replace(wrong, logs=(line,)))
    assert made.spans == call((0, 100), (10, 90)).spans
    assert made.logs[0].time_ns == T0
    assert clocks_of(made).offsets == {}
    assert extent(made) == (T0, T0 + 100 * MS)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (T0 // 10**6, T0 // 10**6 + 9, "starts in 1970: its times look like milliseconds"),
        (T0 // 10**3, T0 // 10**3 + 9, "starts in 1970: its times look like microseconds"),
        (T0 // 10**9, T0 // 10**9 + 9, "starts in 1970: its times look like seconds"),
        (5 * S, 6 * S, "starts in 1970: the clock of its host was not set"),
        (0, 0, "has no start"),
        (0, T0, "has no start"),
        (T0, 0, "has no end"),
        (T0, T0 - 5 * MS, "ends 5 ms before it starts"),
        (T0, T0 - 2 * HOUR, "ends 2 h before it starts"),
        (T0, T0 // 10**6, "ends in 1970, before it starts: its end looks like milliseconds"),
        (T0, T0 // 10**3, "ends in 1970, before it starts: its end looks like microseconds"),
    ],
)
def test_times_that_cannot_be_right_are_said_in_words(start: int, end: int, words: str) -> None:
    odd = odd_time(replace(span(1), start_ns=start, end_ns=end))
    assert odd is not None
    assert odd.one == words
    assert took(odd.span) == "unknown"


@pytest.mark.parametrize(("start", "end"), [(T0, T0), (T0, T0 + 1), (T0, T0 + 400 * 24 * HOUR)])
def test_usual_times_are_not_odd(start: int, end: int) -> None:
    assert odd_time(replace(span(1), start_ns=start, end_ns=end)) is None


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (HOUR, HOUR + S, "starts in the future, on 2026-11-18 (UTC)"),
        (-S, HOUR, "ends in the future, on 2026-11-18 (UTC)"),
        (30 * S, 31 * S, ""),
        (-2 * S, -S, ""),
    ],
)
def test_the_future_is_later_than_the_trace_was_read(start: int, end: int, words: str) -> None:
    late = replace(span(1), start_ns=T0 + start, end_ns=T0 + end)
    found = odd_times(Trace(late.trace_id, (late,), read_ns=T0))
    assert [one.one for one in found.values()] == ([words] if words else [])
    assert odd_times(Trace(late.trace_id, (late,))) == {}


def test_a_clock_an_hour_ahead_is_no_future() -> None:
    wrong = replace(call((0, 100), (3_600_010, 3_600_090)), read_ns=T0 + S)
    assert [one.kind for one in findings(wrong)] == ["clock_skew", "time"]


@pytest.mark.parametrize(
    "name", ["time_milliseconds", "time_unset_clock", "time_end_unit", "time_end_first"]
)
def test_what_has_no_place_on_the_axis_does_not_stretch_it(name: str) -> None:
    fall = waterfall(stored(name))
    assert fall.ruler.length_ns == 40 * MS
    for row in fall.rows:
        assert bool(row.bar) is row.placed
        assert (row.took == "unknown") is bool(row.odd)


def test_a_trace_with_wrong_times_alone_has_an_axis_all_the_same() -> None:
    assert waterfall(stored("time_microseconds")).ruler.length_ns == 40_000
    assert waterfall(stored("time_future")).rows[0].bar


@pytest.mark.parametrize(
    ("parents", "rings", "depths"),
    [
        ({1: 1}, [[1]], [0]),
        ({1: 2, 2: 1}, [[1, 2]], [0, 1]),
        ({1: 3, 2: 1, 3: 2}, [[1, 3, 2]], [0, 1, 2]),
        ({1: 3, 2: 1, 3: 2, 4: 3, 5: 4}, [[1, 3, 2]], [0, 1, 2, 3, 4]),  # with a tail
        ({1: 2, 2: 3, 3: 2}, [[2, 3]], [0, 1, 1]),  # the tail begins first
        ({1: None, 2: 2, 3: 4, 4: 3}, [[2], [3, 4]], [0, 0, 0, 1]),
        ({1: None, 2: 1}, [], [0, 1]),
    ],
)
def test_a_ring_is_named_and_all_its_spans_are_shown(
    parents: dict[int, int | None], rings: list[list[int]], depths: list[int]
) -> None:
    made = trace(*(span(n, parent, at=n, kind="server") for n, parent in parents.items()))
    assert [[int(one.span_id, 16) for one in ring] for ring in made.rings] == rings
    rows = tree(made)
    assert sorted(row.span.span_id for row in rows) == sorted(map(span_id, parents))
    assert sorted(row.depth for row in rows) == depths
    assert sum(row.children for row in rows) == sum(depth > 0 for depth in depths)
    assert {row.span.span_id for row in rows if row.ring} == {
        span_id(n) for one in rings for n in one
    }
    assert not any(row.orphan for row in rows)
    assert "missing" not in indented(made)
    assert waterfall(made).rows
    assert hops(made).rows
    assert verdict(made).tone == ("unknown" if rings else "good")


@pytest.mark.parametrize(
    ("kinds", "tone"), [(("client", "server"), "good"), (("internal", "internal"), "unknown")]
)
def test_spans_that_share_an_id_are_doubtful_unless_they_are_one_call(
    kinds: tuple[str, str], tone: str
) -> None:
    pair = [
        span(2, 1, at=at, service=service, kind=kind)
        for at, (service, kind) in enumerate(zip("ab", kinds, strict=True))
    ]
    [made] = traces_of([span(1), *pair, span(3, 2, at=5, service="b")])
    assert len(tree(made)) == len(waterfall(made).rows) == 4
    assert next(made.ancestors(made.by_id[span_id(3)])).service == "b"
    assert verdict(made).tone == tone
    assert findings(made)[0].kind == "same_id"


@pytest.mark.parametrize(
    ("orphan", "logs", "who"),
    [
        ({"kind": "internal"}, "", "shop"),
        ({"kind": "client"}, "", "shop"),
        ({"kind": "server"}, "", "the caller of shop"),
        ({"kind": "server"}, "gateway", "gateway"),
        ({"kind": "server", "flags": 0x101}, "", "shop"),
        ({"kind": "internal", "flags": 0x301}, "", "the caller of shop"),
        ({"kind": "server", "attributes": {"peer.service": "web"}}, "", "web"),
        (
            {"kind": "server", "attributes": {"client.address": "10.1.2.3"}},
            "",
            "the caller of shop at 10.1.2.3",
        ),
        ({"kind": "server", "attributes": {"client.address": "::1"}}, "", "the caller of shop"),
    ],
)
def test_who_should_have_sent_a_missing_span(orphan: dict[str, Any], logs: str, who: str) -> None:
    made = trace(span(1, 9, **orphan))
    line = LogLine(T0, made.trace_id, span_id(9), logs, "INFO", "hello")
    assert sender(replace(made, logs=(line,) if logs else ()), span_id(9)) == who


@pytest.mark.parametrize(
    ("age", "words"),
    [(5 * S, "has not arrived yet"), (70 * S, "never arrived"), (-T0, "has not arrived")],
)
def test_what_is_young_may_still_arrive(age: int, words: str) -> None:
    made = replace(trace(span(1, 9)), read_ns=T0 + age)
    assert words in findings(made)[0].sentence
    assert words in verdict(made).sentence


def test_a_deep_trace_with_many_failures_is_read_in_one_walk() -> None:
    depth = 10_000
    made = trace(
        *(
            span(n, n - 1 if n > 1 else None, at=n / 1000, ms=100 - n / 1000, kind="client",
                 status=Status.ERROR, attributes={"http.response.status_code": 500})
            for n in range(1, depth + 1)
        )
    )  # fmt: skip
    assert verdict(made).causes[0].span.span_id == span_id(depth)
    assert waterfall(made).depth == depth
    assert findings(made)
