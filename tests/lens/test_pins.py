"""Pinned traces are kept beyond the limits until they are unpinned."""

from pathlib import Path

import httpx
import pytest

from lens.domain.language import parse
from lens.domain.query import Query
from lens.store import TraceStore, trace_store
from shared.errors import Conflict
from tests.lens.made import line, span, trace_id
from tests.lens.paged import Keep, plain
from tests.lens.pages_traces import order_status


async def filled(store: TraceStore, first: int, last: int) -> None:
    """One trace after the other, so that what is too much is forgotten in between."""
    for number in range(first, last):
        assert store.offer([span(number, trace=number)])
        assert store.offer_logs([line("said", trace=number, of=number)])
        await store.flushed()


async def test_a_pinned_trace_stays_with_its_log_lines_until_it_is_unpinned(tmp_path: Path) -> None:
    store = TraceStore(tmp_path / "lens.sqlite", max_traces=5, max_mb=50)
    try:
        await filled(store, 1, 4)
        await store.pin(trace_id(2))
        await filled(store, 4, 20)
        kept = [row.trace_id for row in await store.search(Query())]
        assert sorted(kept) == [trace_id(n) for n in (2, 16, 17, 18, 19)]
        whole = await store.trace(trace_id(2))
        assert whole
        assert len(whole.logs) == 1
        assert (await store.stats())["pinned"] == 1
        await store.unpin(trace_id(2))
        await filled(store, 20, 22)
        assert trace_id(2) not in [row.trace_id for row in await store.search(Query())]
        assert await store.pinned() == frozenset()
    finally:
        store.close()


async def test_pins_survive_a_restart(tmp_path: Path) -> None:
    for turn in range(2):
        store = TraceStore(tmp_path / "lens.sqlite", max_traces=5, max_mb=50)
        try:
            if turn == 0:
                await filled(store, 1, 2)
                await store.pin(trace_id(1))
            assert await store.pinned() == {trace_id(1)}
        finally:
            store.close()


async def test_so_many_are_pinned_that_new_traces_have_room(
    store: TraceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trace_store, "MOST_PINNED", 2)
    await filled(store, 1, 4)
    await store.pin(trace_id(1))
    await store.pin(trace_id(2))
    with pytest.raises(Conflict, match="2 traces are pinned"):
        await store.pin(trace_id(3))
    await store.pin(trace_id(2))


async def test_pinned_traces_are_found_by_a_search(store: TraceStore) -> None:
    await filled(store, 1, 4)
    await store.pin(trace_id(2))
    found = {
        text: [row.trace_id for row in await store.search(Query(pattern=parse(text)))]
        for text in ("trace.pinned=true", "trace.pinned=false", "trace.pinned!=true service=shop")
    }
    assert found["trace.pinned=true"] == [trace_id(2)]
    assert trace_id(2) not in found["trace.pinned=false"]
    assert found["trace.pinned=false"] == found["trace.pinned!=true service=shop"]


async def test_a_trace_is_pinned_and_unpinned_on_its_page(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    made = order_status(1)
    await keep(made)
    here = f"/trace/{made.trace_id}"
    answer = await pages.post(f"{here}/pin")
    assert (answer.status_code, answer.headers["location"]) == (303, here)
    assert f'action="{here}/unpin"' in (await pages.get(here)).text
    assert "pinned" in plain((await pages.get("/search?q=trace.pinned%3Dtrue")).text)
    assert "until they are unpinned 1" in plain((await pages.get("/about")).text)
    await pages.post(f"{here}/unpin")
    assert f'action="{here}/pin"' in (await pages.get(here)).text


async def test_jaegers_archive_pins(client: httpx.AsyncClient, store: TraceStore) -> None:
    await filled(store, 1, 2)
    answer = await client.post(f"/api/archive/{trace_id(1)}")
    assert (answer.status_code, answer.json()["data"]) == (200, [])
    assert await store.pinned() == {trace_id(1)}
    missing = await client.post(f"/api/archive/{trace_id(9)}")
    assert missing.json()["errors"] == [{"code": 404, "msg": "trace not found"}]
    assert (await client.post("/api/archive/zz")).status_code == 400
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"}
    refused = await client.post(f"/api/archive/{trace_id(1)}", headers=foreign)
    assert refused.status_code == 403
