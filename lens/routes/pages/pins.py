"""Pins a trace, so that it is kept beyond the limits, and unpins it."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from lens.domain.ids import trace_id as read_id
from lens.routes.importing import refuse_other_sites
from lens.store import TraceStore
from shared.errors import NotFound


def add_pins(router: APIRouter, store: TraceStore) -> None:
    @router.post("/trace/{trace_id}/pin")
    async def pin(request: Request, trace_id: str) -> RedirectResponse:
        refuse_other_sites(request)
        known = await kept(store, trace_id)
        await store.pin(known)
        return RedirectResponse(f"/trace/{known}", 303)

    @router.post("/trace/{trace_id}/unpin")
    async def unpin(request: Request, trace_id: str) -> RedirectResponse:
        refuse_other_sites(request)
        known = await kept(store, trace_id)
        await store.unpin(known)
        return RedirectResponse(f"/trace/{known}", 303)


async def kept(store: TraceStore, text: str) -> str:
    known = read_id(text)
    if known is None or await store.version(known) is None:
        raise NotFound(f"there is no trace {text[:40]}, or no longer")
    return known
