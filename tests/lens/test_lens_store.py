"""The store: what is offered can be read, whatever its order; the oldest goes first."""

import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from lens.domain.query import Operation, Query
from lens.store import TraceStore, readers, schema, tallies, writer
from lens.store.inbox import Inbox
from shared.errors import Unavailable
from tests.lens.made import MS, T0, line, span, trace_id
from traces.model import Dropped, Event, Link, Origin, Span, Status


async def kept(store: TraceStore, *spans: Span) -> None:
    assert store.offer(list(spans))
    await store.flushed()


async def test_a_span_comes_back_as_it_was_offered(store: TraceStore) -> None:
    offered = span(
        1,
        7,
        kind="client",
        service="cart",
        name="GET /x",
        status=Status.ERROR,
        status_message="no",
        attributes={"s": "ü\n\0", "i": -(2**63), "f": 1.0, "b": True, "raw": b"\xff", "l": [1, {}]},
        resource={"service.name": "cart", "pid": 3},
        scope="lib",
        scope_version="2",
        events=(Event(T0, "exception", {"exception.type": "E"}), Event(T0, "", {}, 7)),
        links=(
            Link(trace_id(9), "b" * 16, {"why": "queue"}),
            Link(trace_id(8), "c" * 16, {}, "a=c", 257, 4),
            Link("", "", {"why": "nowhere"}),
        ),
        trace_state="a=b",
        flags=769,
        dropped=Dropped(1, 2, 3),
        origin=Origin("https://a/1", 5, {"raw": b"\xff", "n": 1}, "https://b/2", 6),
    )
    await kept(store, offered)
    found = await store.trace(offered.trace_id)
    assert found is not None
    assert found.spans == (offered,)
    assert isinstance(found.spans[0].attributes["f"], float)


async def test_a_trace_that_was_never_offered_is_none(store: TraceStore) -> None:
    assert await store.trace(trace_id(404)) is None


async def test_logs_are_read_with_their_trace_even_if_they_came_first(store: TraceStore) -> None:
    assert store.offer_logs([line("before"), line("elsewhere", trace=2), line("free", trace=None)])
    await kept(store, span(1))
    found = await store.trace(trace_id(1))
    assert found is not None
    assert [one.body for one in found.logs] == ["before"]
    assert found.logs[0] == line("before")


async def test_the_same_span_twice_is_one_span_and_no_news(store: TraceStore) -> None:
    sent = [
        span(1, attributes={"d": float("nan")}, events=(Event(T0, "e"),)),
        span(2, 1, links=(Link(trace_id(9), "b" * 16),)),
    ]
    await kept(store, *sent)
    seq = await store.last_seq()
    await kept(store, *sent, *sent)
    found = await store.trace(trace_id(1))
    assert found is not None
    assert len(found.spans) == 2
    assert await store.last_seq() == seq
    assert (await store.stats())["duplicates"] == 4


async def test_spans_with_one_id_are_all_kept_each_under_an_id_of_its_own(
    store: TraceStore,
) -> None:
    sent = [span(1, name="first"), span(1, at=1, name="second"), span(1, at=2, name="third")]
    await kept(store, *sent)
    await kept(store, *reversed(sent))
    found = await store.trace(trace_id(1))
    assert found is not None
    assert [one.name for one in found.spans] == ["first", "second", "third"]
    assert len({one.span_id for one in found.spans}) == 3
    assert [one.came_as.span_id for one in found.spans] == [span(1).span_id] * 3
    (row,) = await store.search(Query())
    assert row.spans == 3
    assert (await store.stats())["duplicates"] == 3


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5])
async def test_a_file_of_an_older_version_gets_the_new_columns_and_keeps_its_traces(
    tmp_path: Path, version: int
) -> None:
    path = tmp_path / "lens.sqlite"
    with sqlite3.connect(path) as file:
        file.executescript(schema.TABLES)
        file.execute("DROP TABLE pin")
        if version < 5:
            file.execute("DROP INDEX span_by_time")
        if version < 4:
            file.execute("DROP INDEX log_by_time")
            for column in ("level", "event", "flags", "dropped", "origin"):
                file.execute(f"ALTER TABLE log DROP COLUMN {column}")
        file.execute(
            "INSERT INTO log (time_ns, trace_id, service, severity, body)"
            " VALUES (5, ?, 'old', 'ERROR', 'x')",
            [trace_id(1)],
        )
        if version >= 4:
            file.execute("UPDATE log SET level = 17")
        if version < 3:
            file.execute("ALTER TABLE trace DROP COLUMN odd")
            file.execute("DROP TABLE link")
        if version == 1:
            for table, column in (("span", "dropped"), ("span", "sent_id"), ("origin", "more")):
                file.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        file.execute(f"PRAGMA user_version = {version}")
        file.execute("INSERT INTO operation VALUES (1, 'old', 'work', 2)")
        file.execute(
            "INSERT INTO origin (id, resource, scope, scope_version) VALUES (1, ?, 'lib', '')",
            ['{"service.name":"old"}'],
        )
        file.execute(
            "INSERT INTO span (id, trace, span_id, operation, origin, start_ns, end_ns, status,"
            " flags, links) VALUES (1, 1, ?, 1, 1, 5, 6, 0, 0, ?)",
            [span(1).span_id, json.dumps([[trace_id(2), span(3).span_id, {}], ["", "", {}]])],
        )
        file.execute(
            "INSERT INTO trace (id, trace_id, start_ns, end_ns, root_service, root_name, spans,"
            " errors, orphans, services, seq) VALUES (1, ?, 5, 6, 'old', 'work', 1, 0, 0, ?, 1)",
            [trace_id(1), '{"old":[1,0]}'],
        )
        if version >= 3:
            file.execute(
                "INSERT INTO link VALUES (1, ?, ?, ?)",
                [span(1).span_id, trace_id(2), span(3).span_id],
            )
    file.close()
    store = TraceStore(path, max_traces=10, max_mb=16)
    await kept(store, span(2, 1, flags=1, dropped=Dropped(links=3)), span(2, 1, name="other"))
    await kept(store, span(3, trace=2))
    found, followed = await store.trace(trace_id(1)), await store.trace(trace_id(2))
    store.close()
    assert found is not None
    assert followed is not None
    assert [one.service for one in followed.followers] == ["old"]
    assert [one.service for one in found.spans] == ["old", "shop", "shop"]
    assert sorted(one.dropped.links for one in found.spans) == [0, 0, 3]
    assert [(one.body, one.level, one.scope) for one in found.logs] == [("x", 17, "")]


async def test_a_late_span_updates_the_summary_of_its_trace(store: TraceStore) -> None:
    await kept(store, span(2, 1, at=5, ms=50, service="cart", status=Status.ERROR))
    (before,) = await store.search(Query())
    await kept(store, span(1, ms=20, service="shop", name="GET /"))
    (after,) = await store.search(Query())
    assert (before.spans, before.orphans, before.root_service) == (1, 1, "cart")
    assert (after.spans, after.orphans, after.errors, after.root_name) == (2, 0, 1, "GET /")
    assert after.duration_ns == 55 * MS
    assert after.seq > before.seq


async def test_a_trace_grows_on_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "lens.sqlite"
    first = TraceStore(path, max_traces=10, max_mb=16)
    await kept(first, span(2, 1, at=5))
    seq = await first.last_seq()
    first.close()
    second = TraceStore(path, max_traces=10, max_mb=16)
    await kept(second, span(1, name="root"), span(2, 1, at=5))
    (row,) = await second.search(Query())
    assert (row.spans, row.orphans, row.root_name) == (2, 0, "root")
    assert row.seq > seq
    second.close()


async def test_services_and_operations_are_listed_by_name_and_kind(store: TraceStore) -> None:
    await kept(
        store,
        span(1, service="b", name="x", kind="server"),
        span(2, 1, service="a", name="y", kind="client"),
        span(3, 1, service="a", name="y", kind="server"),
    )
    assert await store.services() == ["a", "b"]
    assert await store.operations("a") == [Operation("y", "server"), Operation("y", "client")]
    assert await store.operations("a", "client") == [Operation("y", "client")]
    assert await store.operations("nobody") == []


@pytest.fixture
async def searchable(store: TraceStore) -> TraceStore:
    spans: list[Span] = []
    for number in range(1, 6):
        root = span(
            1,
            trace=number,
            at=number * 1000,
            ms=number * 10,
            name=f"op{number % 2}",
            attributes={"n": number, "quote": 'a"b'},
        )
        child = span(
            2,
            1,
            trace=number,
            at=number * 1000,
            ms=1,
            service="cart",
            status=Status.ERROR if number == 3 else 0,
            attributes={"db.system": "redis"} if number == 4 else {},
        )
        spans += [root, child]
    await kept(store, *spans)
    return store


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(), [5, 4, 3, 2, 1]),
        (Query(limit=2), [5, 4]),
        (Query(service="shop", operation="op1"), [5, 3, 1]),
        (Query(service="cart", operation="op1"), []),
        (Query(operation="op0"), [4, 2]),
        (Query(service="nobody"), []),
        (Query(errors_only=True), [3]),
        (Query(tags={"error": "true"}), [3]),
        (Query(service="shop", tags={"error": "true"}), []),
        (Query(service="shop", errors_only=True), [3]),
        (Query(tags={"n": "2"}), [2]),
        (Query(tags={"n": "2", "quote": 'a"b'}), [2]),
        (Query(tags={"quote": 'a"b'}, limit=1), [5]),
        (Query(tags={"db.system.name": "redis"}), [4]),
        (Query(service="shop", tags={"db.system.name": "redis"}), []),
        (Query(tags={"n": "redis"}), []),
        (Query(min_duration_ns=40 * MS), [5, 4]),
        (Query(service="cart", min_duration_ns=40 * MS), []),
        (Query(service="shop", max_duration_ns=20 * MS), [2, 1]),
        (Query(start_ns=T0 + 4000 * MS), [5, 4]),
        (Query(start_ns=T0 + 2000 * MS, end_ns=T0 + 3000 * MS), [3, 2]),
        (Query(end_ns=T0), []),
    ],
)
async def test_a_search_finds_the_newest_traces_with_one_span_that_fits(
    searchable: TraceStore, query: Query, expected: list[int]
) -> None:
    found = [int(row.trace_id, 16) for row in await searchable.search(query)]
    assert found == expected
    assert [int(one.trace_id, 16) for one in await searchable.traces(query)] == expected


async def test_dependencies_are_the_calls_between_services_and_to_the_outside(
    store: TraceStore,
) -> None:
    await kept(
        store,
        span(1, service="gateway", kind="server", ms=90),
        span(2, 1, service="gateway", kind="client", ms=80, attributes={"peer.service": "orders"}),
        span(3, 2, service="orders", kind="server", ms=5, status=Status.ERROR),
        span(4, 3, service="orders", kind="client", attributes={"db.system.name": "sqlite"}),
        span(
            5, 3, service="orders", kind="client", ms=30, attributes={"server.address": "carrier"}
        ),
        span(
            6,
            3,
            service="orders",
            kind="client",
            status=Status.ERROR,
            ms=7,
            attributes={"server.address": "carrier"},
        ),
    )
    edges = {(e.parent, e.child): e for e in await store.dependencies(0, 2**62)}
    assert set(edges) == {("gateway", "orders"), ("orders", "sqlite"), ("orders", "carrier")}
    call = edges["gateway", "orders"]
    assert (call.calls, call.errors, call.p95_ns) == (1, 0, 80 * MS)
    outside = edges["orders", "carrier"]
    assert (outside.calls, outside.errors, outside.p95_ns) == (2, 1, 30 * MS)
    assert await store.dependencies(0, T0 - 1) == []


async def test_what_is_new_comes_in_the_order_of_its_changes(store: TraceStore) -> None:
    await kept(store, span(1, trace=1))
    await kept(store, span(1, trace=2))
    await kept(store, span(2, 1, trace=1))
    changed = await store.newest(0, 10)
    assert [int(row.trace_id, 16) for row in changed] == [2, 1]
    assert await store.newest(changed[0].seq, 10) == changed[1:]
    assert await store.newest(changed[1].seq, 10) == []
    assert await store.newest(0, 1) == changed[:1]


async def test_who_waits_for_news_is_woken_by_a_commit_and_by_closing(store: TraceStore) -> None:
    waiting = asyncio.create_task(store.wait_for(0, 30))
    await asyncio.sleep(0)
    assert store.offer([span(1)])
    assert await waiting == await store.last_seq() == 1
    assert await store.wait_for(1, 0.01) == 1
    waiting = asyncio.create_task(store.wait_for(1, 30))
    await asyncio.sleep(0)
    await asyncio.to_thread(store.close)
    assert await waiting == 1


async def test_the_oldest_traces_go_when_there_are_too_many(tmp_path: Path) -> None:
    store = TraceStore(tmp_path / "lens.sqlite", max_traces=3, max_mb=16)
    order = [4, 2, 9, 1, 7]
    for number in order:
        store.offer_logs([line("hello", trace=number)])
        await kept(store, span(1, trace=number, at=number))
    found = {int(row.trace_id, 16) for row in await store.search(Query())}
    stats = await store.stats()
    assert found == set(order[-3:])
    assert (stats["traces"], stats["spans"], stats["logs"]) == (3, 3, 3)
    store.close()


async def test_a_late_span_of_a_forgotten_trace_begins_it_anew(tmp_path: Path) -> None:
    store = TraceStore(tmp_path / "lens.sqlite", max_traces=1, max_mb=16)
    await kept(store, span(1, trace=1))
    await kept(store, span(1, trace=2))
    await kept(store, span(2, 1, trace=1))
    (row,) = await store.search(Query())
    assert (row.trace_id, row.spans, row.orphans) == (trace_id(1), 1, 1)
    store.close()


async def test_a_trace_without_end_is_cut_off(
    store: TraceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MAX_SPANS_OF_TRACE", 10)
    for start in (1, 9):
        await kept(store, *(span(number) for number in range(start, start + 8)))
    found = await store.trace(trace_id(1))
    assert found is not None
    assert len(found.spans) == 10
    assert (await store.stats())["dropped_trace_too_large"] == 6


async def test_only_recent_traces_are_held_in_memory(
    store: TraceStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "MAX_SPAN_IDS", 3)
    await kept(store, *(span(1, trace=number) for number in range(1, 6)))
    with sqlite3.connect(tmp_path / "lens.sqlite") as file:
        held = tallies.Tallies(file)
        for number in range(1, 6):
            assert held.of(trace_id(number)).number == number
            held.touch([trace_id(number)])
        assert list(held._open) == [trace_id(number) for number in (3, 4, 5)]
        assert held.of(trace_id(99)).number == 6
    file.close()
    await kept(store, span(2, 1, trace=1))
    found = await store.search(Query())
    assert {row.trace_id: row.spans for row in found}[trace_id(1)] == 2


async def test_a_read_that_takes_too_long_is_given_up(
    store: TraceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.stats()
    monkeypatch.setattr(readers, "MAX_SECONDS", 0.01)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with pytest.raises(Unavailable, match="interrupted"):
        await store._readers.read(lambda connection: connection.execute(endless).fetchone())
    monkeypatch.undo()
    assert (await store.stats())["traces"] == 0


async def test_the_file_stays_near_its_limit_in_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "lens.sqlite"
    store = TraceStore(path, max_traces=1_000_000, max_mb=2)
    for number in range(60):
        await kept(store, span(1, trace=number + 1, attributes={"noise": "x" * 80_000}))
    stats = await store.stats()
    assert 1_000_000 < stats["bytes"] < 2.5 * 1024 * 1024
    assert 10 < stats["traces"] < 30
    assert await store.trace(trace_id(60)) is not None
    assert await store.trace(trace_id(1)) is None
    store.close()


async def test_operations_of_forgotten_traces_are_forgotten_in_time(tmp_path: Path) -> None:
    store = TraceStore(tmp_path / "lens.sqlite", max_traces=10, max_mb=16)
    for batch in range(3):
        await kept(store, *(span(1, trace=n, name=f"op{batch}-{n}") for n in range(1, 3_001)))
        await kept(store, *(span(1, trace=n, name="same") for n in range(5_000, 5_010)))
    assert len(await store.operations("shop")) < 6_000
    store.close()


async def test_a_full_inbox_refuses_more_spans(tmp_path: Path) -> None:
    inbox = Inbox(max_items=10)
    assert inbox.put([span(1)] * 25, (), 100)
    assert inbox.full
    assert not inbox.put([span(1)], (), 100)
    batch = inbox.take()
    assert batch is not None
    assert (len(batch), batch.ticket) == (25, 1)
    assert inbox.put([span(1)], (), 100)
    assert Inbox(max_bytes=10).put([span(1)], (), 100)


async def test_a_closed_store_takes_nothing_but_keeps_what_it_took(tmp_path: Path) -> None:
    path = tmp_path / "lens.sqlite"
    store = TraceStore(path, max_traces=10, max_mb=16)
    assert store.offer([span(1)])
    store.close()
    assert not store.offer([span(2)])
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT count(*) FROM span").fetchone() == (1,)
    file.close()


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "\ud800"},
        {"flags": 2**70},
        {"trace_state": ["not", "text"]},
        {"attributes": {("a", "tuple"): 1}},
    ],
)
async def test_a_value_that_cannot_be_written_costs_its_span_and_no_other(
    store: TraceStore, caplog: pytest.LogCaptureFixture, bad: dict[str, Any]
) -> None:
    good = [span(1, trace=number) for number in range(1, 8)]
    await kept(store, *good[:3], span(1, trace=9, **bad), *good[3:])
    await kept(store, span(1, trace=10))
    found = {int(row.trace_id, 16) for row in await store.search(Query())}
    assert found == {*range(1, 8), 10}
    stats = await store.stats()
    assert (stats["dropped"], stats["dropped_bad_value"]) == (1, 1)
    assert caplog.text.count("cannot be written") == 1


async def test_values_of_one_batch_that_cannot_be_written_cost_one_line(
    store: TraceStore, caplog: pytest.LogCaptureFixture
) -> None:
    bad = [span(number, trace=number, name="\ud800") for number in range(1, 40)]
    await kept(store, *bad, span(1, trace=99))
    assert (await store.stats())["dropped_bad_value"] == 39
    assert "39 spans or log lines cannot be written: " in caplog.text
    assert caplog.text.count("cannot be written") == 1


async def test_a_damaged_file_is_left_alone_and_a_fresh_one_started(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "lens.sqlite"
    path.write_bytes(b"this is not a database" * 100)
    store = TraceStore(path, max_traces=10, max_mb=16)
    await kept(store, span(1))
    assert len(await store.search(Query())) == 1
    store.close()
    assert path.read_bytes().startswith(b"this is not")
    assert (tmp_path / "lens-2.sqlite").exists()
    assert caplog.text.count("cannot be used") == 1


async def test_a_file_that_is_damaged_while_in_use_is_left_for_a_fresh_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "lens.sqlite"
    store = TraceStore(path, max_traces=10_000, max_mb=16)
    await kept(store, *(span(1, trace=n, attributes={"x": "y" * 500}) for n in range(1, 500)))
    store.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    again = TraceStore(path, max_traces=10_000, max_mb=16)
    await kept(again, span(1, trace=7_000))
    await kept(again, span(1, trace=7_001))
    for number in (7_000, 7_001):
        assert await again.trace(trace_id(number)) is not None
    assert (await again.stats())["dropped"] == 0
    again.close()
    assert "damaged" in caplog.text or "malformed" in caplog.text


async def test_a_file_of_another_version_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "lens.sqlite"
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA user_version = 99")
    file.close()
    store = TraceStore(path, max_traces=10, max_mb=16)
    await kept(store, span(1))
    store.close()
    assert (tmp_path / "lens-2.sqlite").exists()


async def test_damage_that_a_reader_finds_is_named_with_its_file_and_a_remedy(
    tmp_path: Path,
) -> None:
    path = tmp_path / "lens.sqlite"
    store = TraceStore(path, max_traces=10_000, max_mb=16)
    await kept(store, *(span(1, trace=n, attributes={"x": "y" * 500}) for n in range(1, 500)))
    await asyncio.to_thread(store.close)
    store = TraceStore(path, max_traces=10_000, max_mb=16)
    await store.stats()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 200_000)
    with pytest.raises(Unavailable, match=r"lens\.sqlite could not be read .*delete it to start"):
        await store.traces(Query(limit=1_000))
    store.close()
