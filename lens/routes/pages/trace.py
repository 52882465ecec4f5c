"""One trace: its story, its waterfall, its numbers, its log lines, and each span on its own."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from lens.domain.ids import pasted
from lens.domain.ids import trace_id as read_id
from lens.routes.pages.shell import Shell
from lens.store import TraceStore
from lens.views.find import find
from lens.views.trace_page import of_span, of_trace
from traces.model import Trace

VIEWS = ("timeline", "table", "logs")
TRIES = 6


def add_trace(router: APIRouter, store: TraceStore, shell: Shell) -> None:
    """The page of a trace, and the box that leads to it."""

    @router.get("/trace")
    async def find_trace(id: Annotated[str, Query()] = "") -> Response:  # noqa: A002  # as in the form
        found = pasted(id)
        if found is None:
            return await shell.page("bad_id.html", 400, pasted=id)
        span = f"?span={found.span_id}" if found.span_id else ""
        return RedirectResponse(f"/trace/{found.trace_id}{span}", 303)

    @router.get("/trace/{trace_id}")
    async def read_trace(
        trace_id: str,
        span: Annotated[str, Query()] = "",
        view: Annotated[str, Query()] = "timeline",
        text: Annotated[str, Query(alias="uiFind")] = "",
        tried: Annotated[str, Query(alias="try")] = "",
    ) -> HTMLResponse:
        trace = await lookup(store, trace_id)
        if trace is None:
            return await missing(shell, trace_id, tried)
        shown = view if view in VIEWS else "timeline"
        story = await to_thread.run_sync(of_trace, trace, shown, span.lower(), text)
        return await shell.page("trace.html", **story)


def add_spans(router: APIRouter, store: TraceStore, shell: Shell) -> None:
    """The pieces the waterfall asks for while it is looked at."""

    @router.get("/trace/{trace_id}/span/{span_id}")
    async def read_span(trace_id: str, span_id: str) -> HTMLResponse:
        trace = await lookup(store, trace_id)
        spans = trace.spans if trace else ()
        span = next((span for span in spans if span.span_id == span_id.lower()), None)
        if trace is None or span is None:
            return shell.fragment("_no_span.html", 404)
        return shell.fragment("_span.html", **of_span(trace, span))

    @router.get("/trace/{trace_id}/find")
    async def find_spans(
        trace_id: str, text: Annotated[str, Query(alias="uiFind")] = ""
    ) -> JSONResponse:
        trace = await lookup(store, trace_id)
        return JSONResponse(sorted(find(trace, text)) if trace else [])


async def lookup(store: TraceStore, text: str) -> Trace | None:
    known = read_id(text)
    trace = await store.trace(known) if known else None
    return trace if trace and trace.spans else None


async def missing(shell: Shell, text: str, tried: str) -> HTMLResponse:
    """Says why a trace may not be here; the page looks again by itself a few times."""
    known = read_id(text)
    if known is None:
        return await shell.page("bad_id.html", 400, pasted=text)
    before = int(tried) if tried in set("0123456") else 0
    again = before + 1 if before < TRIES else None
    return await shell.page("no_trace.html", 404, trace_id=known, again=again)
