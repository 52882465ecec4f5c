"""What lens says of traces that were recorded oddly: its list, its pages and its API."""

import re
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import httpx
import pytest

from lens.app import Options, create_app
from lens.domain.query import Query
from lens.store import TraceStore
from tests.lens.made import MS, span, span_id, trace_id
from tests.traces.corpus import stored
from traces.model import Link, Span

S = 1000 * MS
HOUR = 3600 * S


@pytest.fixture
async def pages(store: TraceStore, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(store, Options(data=tmp_path)))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def keep(store: TraceStore, *spans: Span) -> None:
    assert store.offer(list(spans))
    await store.flushed()


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def at(number: int, start_ns: int, end_ns: int) -> Span:
    return replace(span(1, trace=number), start_ns=start_ns, end_ns=end_ns)


NOW = time.time_ns()


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (NOW // 10**6, NOW // 10**6 + 40),
        (NOW // 10**3, NOW // 10**3 + 40_000),
        (NOW // 10**9, NOW // 10**9 + 1),
        (0, 0),
        (NOW + 48 * HOUR, NOW + 48 * HOUR + 40 * MS),
        (NOW + 10**18, NOW + 10**18 + 40 * MS),
    ],
    ids=["ms", "us", "s", "no times", "in two days", "in thirty years"],
)
async def test_a_trace_with_impossible_times_is_listed_where_it_arrived(
    store: TraceStore, pages: httpx.AsyncClient, start: int, end: int
) -> None:
    before = time.time_ns()
    await keep(store, at(1, start, end))
    await keep(store, at(2, time.time_ns() + 1, time.time_ns() + S))
    recent = Query(start_ns=before, service="shop")
    newest, odd = await store.search(recent)
    assert (newest.trace_id, odd.trace_id) == (trace_id(2), trace_id(1))
    assert before <= odd.start_ns <= time.time_ns()
    assert (odd.odd, odd.took, newest.odd) == (1, "unknown", 0)
    assert "1 span has odd times" in words((await pages.get("/search")).text)


async def test_its_other_spans_say_when_a_trace_with_one_impossible_time_was(
    store: TraceStore,
) -> None:
    wrong = replace(span(2, 1), start_ns=NOW // 10**6, end_ns=NOW // 10**6 + 9)
    late = replace(span(3, 1), start_ns=NOW + 48 * HOUR, end_ns=NOW + 49 * HOUR)
    unended = replace(span(4, 1), start_ns=NOW, end_ns=0)
    await keep(store, wrong, late, at(1, NOW, NOW + 40 * MS), unended)
    (row,) = await store.search(Query())
    assert (row.start_ns, row.duration_ns, row.odd) == (NOW, 40 * MS, 3)


async def test_a_late_span_does_not_move_a_trace_with_impossible_times(tmp_path: Path) -> None:
    path = tmp_path / "lens.sqlite"
    rows = []
    for number in (1, 2):
        store = TraceStore(path, max_traces=10, max_mb=16)
        await keep(store, replace(span(number), start_ns=5, end_ns=9))
        rows += await store.search(Query())
        store.close()
    assert rows[1].start_ns == rows[0].start_ns
    assert [row.odd for row in rows] == [1, 2]


async def test_a_link_is_known_at_both_ends(store: TraceStore, pages: httpx.AsyncClient) -> None:
    sent = span(1, trace=1, service="orders", name="send order.placed", kind="producer")
    to = (Link(sent.trace_id, sent.span_id),)
    took = span(2, trace=2, at=5, service="shipping", name="process", kind="consumer", links=to)
    inside = span(3, 1, trace=1, service="orders", name="confirm", links=to)
    itself = replace(sent, links=to)
    await keep(store, took)  # the follower may arrive first
    await keep(store, itself, inside)
    found = await store.trace(sent.trace_id)
    assert found is not None
    assert [(one.service, one.trace_id) for one in found.followers] == [
        ("orders", trace_id(1)),
        ("shipping", trace_id(2)),
    ]
    page = (await pages.get(f"/trace/{sent.trace_id}?span={sent.span_id}")).text
    assert "orders: send order.placed is followed by shipping: process in another trace." in page
    assert f'Followed by</h4><ul class="links"><li><a href="/trace/{trace_id(1)}?span=' in page
    assert f'<a href="/trace/{trace_id(2)}?span={span_id(2)}">shipping: process, trace' in page
    assert "This span itself" in page
    other = (await pages.get(f"/trace/{took.trace_id}?span={took.span_id}")).text
    assert f"/trace/{sent.trace_id}?span={sent.span_id}" in other
    assert "Followed by" not in other
    story = (await pages.get(f"/lens/api/traces/{sent.trace_id}")).json()
    assert [one["spanId"] for one in story["followers"]] == [span_id(3), span_id(2)]


async def test_a_follower_that_is_no_longer_kept_is_not_shown(tmp_path: Path) -> None:
    store = TraceStore(tmp_path / "lens.sqlite", max_traces=2, max_mb=16)
    to = (Link(trace_id(9), span_id(1)),)
    for number in (1, 2, 3):
        await keep(store, span(1, trace=number, links=to))
    await keep(store, span(1, trace=9))
    found = await store.trace(trace_id(9))
    store.close()
    assert found is not None
    assert [one.trace_id for one in found.followers] == [trace_id(3)]


async def test_times_are_adjusted_to_one_clock_or_shown_as_recorded(
    store: TraceStore, pages: httpx.AsyncClient
) -> None:
    trace = stored("skew_time_zone")
    await keep(store, *trace.spans)
    here = f"/trace/{trace.trace_id}"
    adjusted, recorded = (
        (await pages.get(here)).text,
        (await pages.get(f"{here}?clocks=recorded")).text,
    )
    skew = "The clocks of orders and catalog are about 2 h ahead of that of gateway: "
    assert skew in adjusted
    assert skew in recorded
    assert "Duration 80 ms" in words(adjusted)
    assert re.search(r"Start 2026-11-18 \d\d:\d\d:\d\d\.000 UTC", words(adjusted))
    assert "Duration 2 h" in words(recorded)
    assert f'<a href="{here}?clocks=recorded">Show them as recorded</a>' in adjusted
    assert f'<a href="{here}">Adjust them to one clock</a>' in recorded
    details = words((await pages.get(f"{here}/span/{span_id(3)}")).text)
    assert "starts at +10 ms" in details
    assert "Its clock is about 2 h ahead: it was recorded that much too late." in details


@pytest.mark.parametrize(
    ("name", "number", "row", "note"),
    [
        (
            "time_milliseconds",
            3,
            "odd time",
            "It starts in 1970: its times look like milliseconds.",
        ),
        ("time_no_end", 1, "odd time", "It has no end."),
        ("ring_self", 2, "in a ring", "It is its own parent."),
        ("ring_three_tail", 1, "in a ring", "It is in a ring of 3 spans"),
        ("missing_parents", 4, "no parent", "the caller of auth at 10.1.2.3 should have sent it."),
    ],
)
async def test_a_row_is_marked_and_its_details_say_what_is_odd(
    store: TraceStore, pages: httpx.AsyncClient, name: str, number: int, row: str, note: str
) -> None:
    trace = stored(name)
    await keep(store, *trace.spans)
    page = (await pages.get(f"/trace/{trace.trace_id}")).text
    assert f">{row}</span>" in page
    assert page.count('class="fold"') == page.count("aria-expanded=")
    assert note in words((await pages.get(f"/trace/{trace.trace_id}/span/{span_id(number)}")).text)


@pytest.mark.parametrize(
    "name", ["time_milliseconds", "time_no_end", "ring_self", "missing_parents"]
)
async def test_an_odd_trace_has_no_green_tick(
    store: TraceStore, pages: httpx.AsyncClient, name: str
) -> None:
    trace = stored(name)
    await keep(store, *trace.spans)
    page = (await pages.get(f"/trace/{trace.trace_id}")).text
    assert 'class="verdict unknown"' in page
    assert "✓" not in page
