"""Two traces side by side, and one trace against the usual."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lens.domain.ids import pasted
from lens.routes.pages.layouts import Layouts
from lens.routes.pages.shell import Shell
from lens.routes.pages.trace import missing
from lens.store import TraceStore
from lens.views.compared import of_pair, of_usual

ALIKE = 12


def add_compare(router: APIRouter, layouts: Layouts, store: TraceStore, shell: Shell) -> None:
    """Must come before the page of one trace, whose addresses have a part in common with these."""

    @router.get("/compare")
    async def choose(
        left: Annotated[str, Query()] = "", right: Annotated[str, Query()] = ""
    ) -> Response:
        """Leads from the box with two ids to their page."""
        found = [pasted(left), pasted(right)]
        for text, one in zip((left, right), found, strict=True):
            if one is None:
                return await shell.page("bad_id.html", 400, pasted=text)
        ids = "...".join(one.trace_id for one in found if one)
        return RedirectResponse(f"/trace/{ids}", 303)

    @router.get("/trace/{left}...{right}")
    async def read_pair(left: str, right: str) -> HTMLResponse:
        """As Jaeger has it: /trace/A...B."""
        first, second = await layouts.of(left), await layouts.of(right)
        if first is None or second is None:
            return await missing(shell, right if first else left, "")
        story = await to_thread.run_sync(of_pair, first.trace, second.trace)
        return await shell.page("compare.html", **story)

    @router.get("/trace/{trace_id}/usual")
    async def read_usual(trace_id: str) -> HTMLResponse:
        """A trace against the last hundred of its kind before it."""
        layout = await layouts.of(trace_id)
        if layout is None:
            return await missing(shell, trace_id, "")
        trace = layout.trace
        known = await store.usual(trace)
        alike = await store.alike(trace, ALIKE)
        story = await to_thread.run_sync(of_usual, trace, known)
        return await shell.page("usual.html", alike=alike, **story)
