"""Changes and hits as they happen, as Server-Sent Events."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.flows.control import Control
from chaos.control_plane.routes.authentication import Authenticator
from chaos.control_plane.routes.json_api import WITH_TOKEN
from shared.openapi import errors, event_stream

HEARTBEAT, PAUSE, BATCH = 10.0, 0.25, 100
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}

EVENTS = event_stream("change", "hits")


class EventStream(StreamingResponse):
    media_type = "text/event-stream"


def routes(control: Control, auth: Authenticator, heartbeat: float = HEARTBEAT) -> APIRouter:
    router = APIRouter(prefix="/chaos/v1", tags=["events"])

    @router.get(
        "/events",
        response_class=EventStream,
        responses=EVENTS | errors(401),
        openapi_extra=WITH_TOKEN,
    )
    async def events(caller: Annotated[Caller, Depends(auth.reader)]) -> EventStream:
        """`change` when there is a new revision or more have applied it, `hits` when faults fired;
        each at most four times a second.
        """
        news = stream(control, caller, heartbeat)
        return EventStream(news, headers=HEADERS)

    return router


async def stream(control: Control, caller: Caller, heartbeat: float) -> AsyncIterator[str]:
    """The events, until the service ends."""
    known: dict[str, Any] = {}
    after = control.hits.number
    yield "retry: 1000\n\n"
    while not control.revisions.ending:
        if (now := state(control)) != known:
            known = now
            yield event("change", now)
        fresh, after = hits(control, caller, after), control.hits.number
        if fresh:
            yield event("hits", {"fired": len(fresh), "hits": fresh[-BATCH:]})
        if not (fresh or now is known):
            yield ": heartbeat\n\n"
        await asyncio.sleep(PAUSE)
        if (
            state(control) == known
            and control.hits.number == after
            and not control.revisions.ending
        ):
            await control.revisions.news.wait(heartbeat)


def state(control: Control) -> dict[str, Any]:
    return {
        "revision": control.revisions.last,
        "profile": control.book.profile,
        "stopped": control.book.stopped,
        "applied": "{}/{}".format(*control.applied()),
    }


def hits(control: Control, caller: Caller, after: int) -> list[dict[str, Any]]:
    """The hits since then that this caller may see."""
    return [
        noted.as_json()
        for noted in control.hits.after(after)
        if noted.hit.fired
        and (caller.is_presenter or noted.hit.session == caller.session)
        and caller.sees(noted.hit.fault in control.hits.secrets)
    ]


def event(kind: str, data: dict[str, Any]) -> str:
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n"
