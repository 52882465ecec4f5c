"""The live stream: changes at once, from where the reader left off, and an end when lens ends."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI

from lens.routes import api
from lens.store import TraceStore
from shared import answers
from tests.lens.made import MS, line, span, span_id, trace_id
from traces.model import Status

RAW = {"raw": b"\xff"}


class Listener:
    """A client of the stream that hears each piece as it is sent, unlike httpx's ASGITransport."""

    def __init__(self, app: FastAPI, query: str = "", last_event_id: str | None = None) -> None:
        headers = [(b"host", b"localhost")]
        if last_event_id is not None:
            headers.append((b"last-event-id", last_event_id.encode()))
        self._scope = {
            "type": "http",
            "method": "GET",
            "path": "/lens/api/stream",
            "raw_path": b"/lens/api/stream",
            "query_string": query.encode(),
            "headers": headers,
            "http_version": "1.1",
            "scheme": "http",
            "server": ("localhost", 80),
            "client": ("127.0.0.1", 1),
            "root_path": "",
        }
        self._heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.left = asyncio.Event()
        self._task = asyncio.create_task(app(self._scope, self._receive, self._heard.put))  # type: ignore[arg-type]

    async def _receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def hear(self) -> str:
        with anyio.fail_after(12):  # sooner than a comment comes
            message = await self._heard.get()
        return message.get("body", b"").decode() or str(message["type"])

    async def event(self) -> tuple[int, dict[str, Any]]:
        """The next event that is not a comment."""
        while not (text := await self.hear()).startswith("id: "):
            pass
        number, kind, data, *_ = text.splitlines()
        assert kind == "event: trace"
        return int(number.removeprefix("id: ")), json.loads(data.removeprefix("data: "))

    async def end(self) -> None:
        with anyio.fail_after(12):  # sooner than a comment comes
            await self._task


async def test_a_new_trace_is_heard_well_within_a_second(app: FastAPI, store: TraceStore) -> None:
    listener = Listener(app)
    took: list[float] = []
    for number in range(1, 4):
        began = time.perf_counter()
        store.offer([span(1, trace=number)])
        await listener.event()
        took.append(time.perf_counter() - began)
    assert min(took) < 0.5, took
    listener.left.set()
    await listener.end()


async def test_a_trace_is_announced_again_when_it_has_grown(
    app: FastAPI, store: TraceStore
) -> None:
    listener = Listener(app)
    assert await listener.hear() == "http.response.start"
    assert await listener.hear() == "retry: 1000\n\n"
    store.offer([span(1, status=Status.ERROR)])
    seq, data = await listener.event()
    assert seq == data["seq"] == 1
    assert (data["traceId"], data["spanCount"], data["errorSpanCount"]) == (trace_id(1), 1, 1)
    store.offer([span(2, 1)])
    seq, data = await listener.event()
    assert (seq, data["spanCount"]) == (2, 2)
    listener.left.set()
    await listener.end()


@pytest.mark.parametrize("by_header", [True, False])
async def test_a_listener_resumes_where_it_left_off(
    app: FastAPI, store: TraceStore, by_header: bool
) -> None:
    for number in (1, 2, 3):
        store.offer([span(1, trace=number)])
        await store.flushed()
    listener = Listener(app, last_event_id="1") if by_header else Listener(app, "after=1")
    assert [(await listener.event())[0] for _ in range(2)] == [2, 3]
    from_the_future = Listener(app, "after=999")
    assert (await from_the_future.event())[0] == 1
    for one in (listener, from_the_future):
        one.left.set()
        await one.end()


async def test_the_stream_ends_at_once_when_the_store_is_closed(
    app: FastAPI, store: TraceStore
) -> None:
    listener = Listener(app)
    await listener.hear()
    await listener.hear()
    await asyncio.to_thread(store.close)
    await listener.end()


async def test_streams_can_be_ended_while_the_store_goes_on(
    app: FastAPI, store: TraceStore
) -> None:
    listener = Listener(app)
    await listener.hear()
    await listener.hear()
    store.end_waits()
    await listener.end()
    assert store.offer([span(1)])
    await store.flushed()
    assert (await store.stats())["spans"] == 1


async def test_a_silent_stream_says_that_it_is_still_there(store: TraceStore) -> None:
    app = FastAPI()
    app.router.routes.extend(api.routes(store, heartbeat=0.01).routes)
    listener = Listener(app)
    while (await listener.hear()) != ": keep-alive\n\n":
        pass
    listener.left.set()
    await listener.end()


async def test_a_malformed_request_for_the_stream_is_rejected(client: httpx.AsyncClient) -> None:
    answer = await client.get("/lens/api/stream", params={"after": "x"})
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")


async def test_a_trace_comes_with_its_story(client: httpx.AsyncClient, store: TraceStore) -> None:
    store.offer(
        [
            span(1, ms=100, service="gateway", kind="server", status=Status.ERROR),
            span(2, 1, at=10, ms=80, service="cart", status=Status.ERROR, attributes=RAW),
            span(3, 1, at=10, ms=5, service="cart"),
        ]
    )
    store.offer_logs([line("careful", of=2)])
    await store.flushed()
    story = (await client.get(f"/lens/api/traces/{trace_id(1)}")).json()
    assert story["criticalPath"] == [span_id(1), span_id(2)]
    assert [one["spanId"] for one in story["criticalPathSegments"]] == [
        span_id(1),
        span_id(2),
        span_id(1),
    ]
    assert story["rootCauses"] == [span_id(2)]
    assert story["summary"]["errorSpanCount"] == 2
    root, failed, _ = story["spans"]
    assert (root["kind"], root["status"], root["selfTimeNano"]) == ("server", "error", str(20 * MS))
    assert failed["attributes"] == {"raw": "/w=="}
    assert [(one["body"], one["severity"], one["spanId"]) for one in story["logs"]] == [
        ("careful", "WARN", span_id(2))
    ]


async def test_the_story_of_an_unknown_trace_is_404_and_of_nonsense_400(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/lens/api/traces/1")).status_code == 404
    assert (await client.get("/lens/api/traces/xyz")).status_code == 400


async def test_stats_count_what_is_kept(client: httpx.AsyncClient, store: TraceStore) -> None:
    store.offer([span(1), span(2, 1), span(1, trace=2)])
    store.offer_logs([line("a")])
    await store.flushed()
    stats = (await client.get("/lens/api/stats")).json()
    assert {name: stats[name] for name in ("traces", "spans", "logs", "dropped", "rejected")} == {
        "traces": 2,
        "spans": 3,
        "logs": 1,
        "dropped": 0,
        "rejected": 0,
    }
    assert stats["bytes"] > 4096
    assert stats["oldest_ns"] == span(1).start_ns


async def test_reads_of_a_closed_store_are_answered_503(tmp_path: Path) -> None:
    store = TraceStore(tmp_path / "other.sqlite", max_traces=1, max_mb=1)
    store.close()
    app = FastAPI()
    answers.install(app)
    app.router.routes.extend(api.routes(store).routes)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://localhost"
    ) as client:
        assert (await client.get("/lens/api/stats")).status_code == 503


async def test_traces_are_found_by_a_search_in_words(
    client: httpx.AsyncClient, store: TraceStore
) -> None:
    assert store.offer([span(1, service="gateway"), span(2, trace=2)])
    await store.flushed()
    found = (await client.get("/lens/api/traces", params={"q": "service=gateway"})).json()
    assert [one["traceId"] for one in found["traces"]] == [trace_id(1)]
    assert found["understood"] == "one span of which service is “gateway”"
    everything = (await client.get("/lens/api/traces", params={"lookback": "87600h"})).json()
    assert len(everything["traces"]) == 2
    for params, sentence in (
        ({"q": "status=odd"}, "q: status=odd: status is one of unset, ok, error."),
        ({"lookback": "soon"}, "lookback: “soon” is not a span of time such as 15m or 2h"),
    ):
        refused = await client.get("/lens/api/traces", params=params)
        assert (refused.status_code, refused.json()["detail"]) == (400, sentence)
