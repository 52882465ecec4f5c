"""How fast a change is heard of, and that nobody who waits keeps the control plane from ending."""

import asyncio
import json
from collections.abc import AsyncIterator, Sized
from contextlib import asynccontextmanager
from functools import partial
from time import monotonic
from typing import Any

import httpx

from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.routes import events
from chaos.engine.model import Snapshot
from tests.chaos.engine.pair import until
from tests.chaos.opened import API, Opened, Opener, entry, report

SNAPSHOT, EVENTS = f"{API}/snapshot", f"{API}/events"
WATCHERS, CHANGES, WAIT = 12, 20, 20.0
Event = tuple[str, dict[str, Any]]


async def poll(plane: httpx.AsyncClient, etag: str, wait: float = WAIT) -> httpx.Response:
    return await plane.get(f"{SNAPSHOT}?wait={wait}", headers={"if-none-match": etag})


async def test_a_snapshot_is_one_that_the_engine_reads(plane: Opened) -> None:
    await plane.put_fault("one", ttl="1m")
    answer = await plane.get(SNAPSHOT)
    snapshot = Snapshot.model_validate_json(answer.content)
    assert answer.headers["etag"] == plane.control.revisions.etag
    assert (snapshot.revision, snapshot.calm) == (plane.control.revisions.last, "no")
    assert 50 < snapshot.faults[0].ttl <= 60


async def test_a_poll_with_the_last_revision_waits_and_then_gets_a_304(
    plane: Opened,
) -> None:
    began = monotonic()
    answer = await poll(plane, plane.control.revisions.etag, 0.2)
    assert (answer.status_code, answer.content) == (304, b"")
    assert monotonic() - began >= 0.2


async def test_a_poll_with_a_foreign_etag_is_answered_immediately(plane: Opened) -> None:
    for etag in (
        f'"00-{plane.control.revisions.last}"',
        "nonsense",
        '"x"',
        f"W/{plane.control.revisions.etag}x",
    ):
        assert (await poll(plane, etag)).status_code == 200


async def test_every_watcher_gets_every_change(plane: Opened) -> None:
    """None of them waits for the end of a poll, which is a 304."""
    received: list[int] = []

    async def watch(client: httpx.AsyncClient) -> None:
        etag, last = "", 0
        while last < first + CHANGES:
            answer = await poll(client, etag)
            assert answer.status_code == 200
            etag, last = answer.headers["etag"], answer.json()["revision"]
            received.append(last)

    first = plane.control.revisions.last
    async with httpx.AsyncClient(base_url=plane.base_url, timeout=30) as client:
        watchers = [asyncio.create_task(watch(client)) for _ in range(WATCHERS)]
        await until(lambda: len(received) == WATCHERS)
        for number in range(CHANGES):
            plane.control.put(entry("one", rate=number / CHANGES))
            await until(partial(have, received, WATCHERS * (number + 2)))
        await asyncio.gather(*watchers)
    assert sorted(received) == sorted([*range(first, first + CHANGES + 1)] * WATCHERS)


async def test_an_expired_fault_is_announced_by_itself(plane: Opened) -> None:
    await plane.put_fault("one", ttl="100ms")
    answer = await poll(plane, plane.control.revisions.etag)
    assert answer.json()["faults"] == []


async def test_a_stop_ends_all_polls_and_streams(open_plane: Opener) -> None:
    plane = await open_plane()
    waiting = asyncio.create_task(poll(plane, plane.control.revisions.etag))
    async with listening(plane) as heard:
        await anext(heard)
        plane.runtime.life.stop()
        async with asyncio.timeout(WAIT / 2):
            assert (await waiting).status_code == 304
            assert [event async for event in heard] == []


async def test_a_report_with_all_the_hits_it_may_have_is_taken(plane: Opened) -> None:
    hit = {"fault": "f" * 40, "place": "p" * 150, "trace_id": "0" * 32, "session": "s" * 40}
    content = {"service": "auth", "instance": "a-1", "hits": [hit] * 1000, "new": "is passed over"}
    assert (await plane.post(f"{API}/reports", json=content)).status_code == 204
    assert plane.control.hits.number == 1000


async def test_news_are_sent_as_they_happen(plane: Opened) -> None:
    async with listening(plane) as heard:
        kind, first = await anext(heard)
        assert (kind, first["revision"]) == ("change", plane.control.revisions.last)
        await plane.put_fault("one")
        kind, change = await anext(heard)
        assert (kind, change["revision"]) == ("change", plane.control.revisions.last)
        sent = report("auth", revision=change["revision"], hits=[hit(), hit(fired=False), hit()])
        await plane.post(f"{API}/reports", json=sent.model_dump(mode="json"))
        assert await anext(heard) == ("change", change | {"applied": "1/1"})
        kind, hits = await anext(heard)
        assert (kind, hits["fired"], len(hits["hits"])) == ("hits", 2, 2)


async def test_news_are_sent_at_most_four_times_a_second(plane: Opened) -> None:
    async with listening(plane) as heard:
        await anext(heard)
        began = monotonic()
        for number in range(20):
            plane.control.put(entry("one", rate=number / 20))
        content = [await anext(heard)]
        plane.control.put(entry("two"))
        content.append(await anext(heard))
    assert monotonic() - began > 0.24
    assert content[-1][1]["revision"] == plane.control.revisions.last


async def test_without_news_the_stream_has_a_heartbeat(plane: Opened) -> None:
    news = events.stream(plane.control, Caller("presenter"), 0.01)
    assert await anext(news) == "retry: 1000\n\n"
    assert (await anext(news)).startswith("event: change")
    assert await anext(news) == ": heartbeat\n\n"


def have(things: Sized, number: int) -> bool:
    return len(things) >= number


def hit(**fields: Any) -> dict[str, Any]:
    return {"fault": "one", "session": "s-1234", "trace_id": "ab", "step": "1", **fields}


@asynccontextmanager
async def listening(plane: Opened) -> AsyncIterator[AsyncIterator[Event]]:
    async with plane.stream("GET", EVENTS) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events_in(answer)


async def events_in(answer: httpx.Response) -> AsyncIterator[Event]:
    kind = ""
    async for line in answer.aiter_lines():
        name, _, text = line.partition(": ")
        if name == "event":
            kind = text
        elif name == "data":
            yield kind, json.loads(text)
