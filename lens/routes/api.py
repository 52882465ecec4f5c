"""lens's own API under /lens/api: changes as they arrive, a trace explained, and counts."""

import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from lens.domain.durations import parse_duration
from lens.domain.ids import trace_id as read_id
from lens.domain.language import parse
from lens.domain.log_query import LEVELS, FoundLines, LogQuery
from lens.domain.query import Query as Search
from lens.routes.answers import built
from lens.routes.documents import TRACE_ID, query, taking
from lens.routes.jaeger.parameters import DEFAULT_TRACES, MAX_NS, MAX_TRACES, whole
from lens.store import TraceStore
from shared.errors import BadRequest, NotFound, Unavailable
from shared.openapi import errors, event_stream
from traces.formats.story import change_json, line_json, story_json

HEARTBEAT = 15.0
BATCH = 100
MOST_LINES = 1_000
EVENTS = event_stream("trace")
STORY: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"schema": {"type": "object"}}}},
    **errors(404),
}
Id = Annotated[str, Path(max_length=32, json_schema_extra={"pattern": TRACE_ID})]

Nanoseconds = Annotated[int | None, Query(ge=0, le=MAX_NS)]


class Lines(BaseModel):
    logs: list[dict[str, Any]]
    last: int


class Found(BaseModel):
    """The traces of a search, and what it asked for, in words."""

    traces: list[dict[str, Any]]
    understood: str


class EventStream(StreamingResponse):
    media_type = "text/event-stream"


def routes(store: TraceStore, heartbeat: float = HEARTBEAT) -> APIRouter:
    """The routes; the stream sends a comment after `heartbeat` seconds without a change."""
    router = APIRouter(prefix="/lens/api", tags=["lens"])
    add_search(router, store)

    @router.get(
        "/stream",
        response_class=EventStream,
        responses=EVENTS | errors(400),
        openapi_extra=taking(query("after", "The last change that is known", "^[0-9]{1,19}$")),
    )
    async def stream(request: Request) -> Response:
        """Server-sent events, one for each trace that is new or has grown."""
        given = request.headers.get("last-event-id") or request.query_params.get("after")
        last = await store.last_seq()
        after = last if given is None else min(number(given), MAX_NS)
        # A number from the future is from another file: everything here is new then.
        events = changes(store, after if after <= last else 0, heartbeat)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return EventStream(events, headers=headers)

    @router.get("/traces/{trace_id}", responses=STORY)
    async def read_story(trace_id: Id) -> Response:
        """A trace explained: whether it failed, why, and what took the time."""
        known = read_id(trace_id)
        if known is None:
            raise BadRequest(f"{trace_id} is not a trace id of 1 to 32 hex digits other than zero")
        trace = await store.trace(known)
        if trace is None:
            raise NotFound(f"there is no trace {known}, or no longer")
        around = await store.around(trace)
        return await built(lambda: story_json(trace, around))

    @router.get("/logs")
    async def list_logs(
        *,
        text: Annotated[str, Query(max_length=1000)] = "",
        service: Annotated[str, Query(max_length=1000)] = "",
        level: Literal["", "trace", "debug", "info", "warn", "error", "fatal"] = "",
        trace: Annotated[str, Query(pattern=f"^$|{TRACE_ID}", max_length=32)] = "",
        since: Nanoseconds = None,
        until: Nanoseconds = None,
        after: Annotated[int | None, Query(ge=0, le=MAX_NS)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_LINES)] = 200,
    ) -> Lines:
        """The newest log lines that fit: the newest first or, with `after`, those that arrived
        after the line of that number, the first first. `level` is the least; times are nanoseconds
        since the epoch. `last` is what to give as `after` for those that come next.
        """
        query = LogQuery(
            text=text,
            service=service,
            level=LEVELS.get(level, 0),
            trace_id=read_id(trace) or "",
            start_ns=since,
            end_ns=until,
            after=after,
            limit=limit,
        )
        return await to_thread.run_sync(lines_of, await store.log_lines(query))

    @router.get("/stats")
    async def read_stats() -> dict[str, int]:
        return await store.stats()

    @router.get("/intake")
    async def read_intake() -> dict[str, dict[str, Any]]:
        """What came in since the start, by source: taken, rejected for what, refused as a whole."""
        return {source: count.as_json() for source, count in store.intake.counts().items()}

    return router


def lines_of(found: FoundLines) -> Lines:
    logs = [
        {
            "number": one.number,
            "traceId": one.line.trace_id,
            "spanName": one.span,
            **line_json(one.line),
        }
        for one in found.lines
    ]
    return Lines(logs=logs, last=found.last)


def add_search(router: APIRouter, store: TraceStore) -> None:
    """Finds traces as the search page does."""

    @router.get("/traces", responses=errors(400))
    async def find_traces(
        q: Annotated[str, Query(description="In the search language; empty for all")] = "",
        lookback: Annotated[str, Query(description="As in 15m or 2h; empty for any time")] = "",
        limit: Annotated[int, Query(ge=1, le=MAX_TRACES)] = DEFAULT_TRACES,
    ) -> Found:
        """Summaries of the newest traces that a search in words finds, the newest first."""
        back = parse_duration(lookback)
        if lookback and back is None:
            raise BadRequest(f"lookback: “{lookback}” is not a span of time such as 15m or 2h")
        try:
            pattern = parse(q)
        except ValueError as error:
            raise BadRequest(f"q: {error}") from None
        start = None if back is None else max(0, time.time_ns() - back)
        found = await store.search(Search(start_ns=start, pattern=pattern, limit=limit))
        return Found(traces=[change_json(one) for one in found], understood=pattern.words)


def number(text: str) -> int:
    try:
        return max(0, whole(text))
    except ValueError as error:
        raise BadRequest(f"after: {error}") from None


async def changes(store: TraceStore, after: int, heartbeat: float) -> AsyncIterator[str]:
    """Server-sent events, one for each trace that is new or has grown, until the store ends."""
    yield "retry: 1000\n\n"
    while not store.ending:
        try:
            changed = await store.newest(after, BATCH)
        except Unavailable:
            return
        for change in changed:
            after = change.seq
            yield f"id: {after}\nevent: trace\ndata: {json.dumps(change_json(change))}\n\n"
        if not changed and await store.wait_for(after, heartbeat) <= after:
            yield ": keep-alive\n\n"
