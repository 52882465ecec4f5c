"""The store on a full disk: what was taken is kept, the rest is refused until there is room."""

import asyncio
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from lens.domain.query import Query
from lens.store import TraceStore, writer
from lens.store.intake import Full
from tests.lens.made import PROTOBUF, request, span, trace_id

MB = 1024 * 1024
PATIENCE = 10


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TraceStore]:
    monkeypatch.setattr(writer, "SECONDS_BETWEEN_ATTEMPTS", 0.01)
    store = TraceStore(tmp_path / "lens.sqlite", max_traces=100_000, max_mb=64)
    assert store._writer.opened.wait(PATIENCE)
    yield store
    store.close()


def limit_pages(store: TraceStore, pages: int) -> None:
    """Lets the file have so many pages, or as many as it has already: a disk of that size."""
    store._writer._connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()


def large(number: int) -> list[Any]:
    return [span(one, trace=number, attributes={"noise": "x" * 2_000}) for one in range(1, 11)]


async def until_written(store: TraceStore) -> None:
    end = time.monotonic() + PATIENCE
    while store.intake.full:
        assert time.monotonic() < end, "still full"
        await asyncio.sleep(0.01)
    await store.flushed()


async def test_on_a_full_disk_the_oldest_traces_go_and_nothing_that_was_taken_is_lost(
    store: TraceStore,
) -> None:
    limit_pages(store, 200)
    for number in range(1, 61):
        await until_written(store)
        store.offer(large(number))
        await store.flushed()
    found = [int(row.trace_id, 16) for row in await store.search(Query(limit=1_000))]
    assert sorted(found) == list(range(61 - len(found), 61))
    assert 3 < len(found) < 40
    assert (await store.stats())["dropped"] == 0


async def test_while_nothing_can_be_written_senders_are_refused_and_what_was_taken_is_kept(
    store: TraceStore, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    limit_pages(store, 1)
    body = request(1, attributes={"noise": "x" * 100_000}).SerializeToString()

    first = await client.post("/v1/traces", content=body, headers=PROTOBUF)
    await store.flushed()
    assert store.intake.full
    refused = [
        await client.post(path, content=b"", headers=PROTOBUF)
        for path in ("/v1/traces", "/v1/logs", "/v1/traces")
    ]
    limit_pages(store, 1_000)
    await until_written(store)
    later = await client.post("/v1/traces", content=b"", headers=PROTOBUF)

    assert (first.status_code, later.status_code) == (200, 200)
    assert [(one.status_code, one.headers["retry-after"]) for one in refused] == [(503, "1")] * 3
    assert b"lens.sqlite cannot be written (database or disk is full)" in refused[0].content
    assert await store.trace(trace_id(1)) is not None
    stats = await store.stats()
    assert (stats["rejected"], stats["rejected_cannot_write"], stats["dropped"]) == (3, 3, 0)
    assert caplog.text.count("cannot be written") == 1
    assert caplog.text.count("is written again") == 1
    assert "3 requests were answered with 503" in caplog.text


async def test_another_writer_that_holds_the_file_is_waited_for(
    store: TraceStore, tmp_path: Path
) -> None:
    store._writer._connection.execute("PRAGMA busy_timeout = 0")
    with sqlite3.connect(tmp_path / "lens.sqlite", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert store.offer([span(1)])
        await store.flushed()
        with pytest.raises(Full, match="database is locked"):
            store.intake.check()
        other.execute("ROLLBACK")
    other.close()
    await until_written(store)
    assert await store.trace(trace_id(1)) is not None


async def test_what_cannot_be_written_until_the_end_is_counted_and_said(
    store: TraceStore, caplog: pytest.LogCaptureFixture
) -> None:
    limit_pages(store, 1)
    assert store.offer(large(1) * 10)
    await store.flushed()
    await asyncio.to_thread(store.close)
    assert store._writer.dropped["lost"] == 100
    assert "100 spans and log lines are lost: database or disk is full" in caplog.text


async def test_on_a_disk_that_is_nearly_full_the_file_stops_growing(
    store: TraceStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(1, 41):
        assert store.offer(large(number))
    await store.flushed()
    before = (await store.stats())["bytes"]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1_000 * MB, 999 * MB, MB))
    for number in range(41, 81):
        assert store.offer(large(number))
        await store.flushed()
    stats = await store.stats()
    assert stats["bytes"] < before + MB / 2
    assert stats["traces"] > 20
    assert await store.trace(trace_id(80)) is not None
    monkeypatch.undo()
    assert store.offer(large(81))
    await store.flushed()
    await asyncio.to_thread(store.close)
    assert caplog.text.count("nearly full") == caplog.text.count("has room again") == 1
