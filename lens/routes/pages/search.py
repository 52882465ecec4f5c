"""Search: the form, the plot and the list, which is live as long as its range has no end."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from lens.routes.pages.shell import Shell
from lens.store import TraceStore
from lens.views.scatter import scatter
from lens.views.search_form import LOOKBACKS, SearchForm, read_form
from lens.views.statistics import parts
from traces.summary import TraceSummary

MOST_PARTS = 20


def add_search(router: APIRouter, store: TraceStore, shell: Shell) -> None:
    @router.get("/")
    @router.get("/search")
    async def read_search(request: Request) -> Response:
        seq = await store.last_seq()
        form = read_form(request.query_params, time.time_ns())
        if "was" in request.query_params and not form.wrong:
            # Sent by the form: now query and fields say the same, and the query says it all.
            return RedirectResponse(form.address(), 303)
        found = await results(store, form)
        service = form.typed["service"]
        return await shell.page(
            "search.html",
            400 if form.wrong else 200,
            lookbacks=LOOKBACKS,
            services=await store.services(),
            operations=sorted({o.name for o in await store.operations(service)} if service else ()),
            seq=seq,
            **found,
        )

    @router.get("/search/results")
    async def read_results(request: Request) -> HTMLResponse:
        """The list alone, as the live page asks for it."""
        form = read_form(request.query_params, time.time_ns())
        found = await results(store, form)
        stats = await store.stats()
        return shell.fragment("_results.html", 400 if form.wrong else 200, stats=stats, **found)

    @router.get("/search/suggestions")
    async def suggest(
        service: Annotated[str, Query()] = "",
        key: Annotated[str, Query()] = "",
        text: Annotated[str, Query()] = "",
    ) -> JSONResponse:
        """Keys to begin a tag with, or values of a `key`, that have this text in them."""
        if key:
            return JSONResponse(await store.suggested_values(service, key, text))
        return JSONResponse(await store.suggested_keys(service, text))


async def results(store: TraceStore, form: SearchForm) -> dict[str, Any]:
    traces = [] if form.wrong else in_order(await store.search(form.query), form.typed["sort"])
    return {
        "form": form,
        "pinned": await store.pinned(),
        "traces": traces,
        "longest_ns": max((trace.duration_ns for trace in traces), default=0) or 1,
        "plot": scatter(traces),
        "most_parts": MOST_PARTS,
        "parts_of": lambda trace: parts([(s.name, s.spans, s.errors) for s in trace.services]),
        "sorted_by": lambda order: form.address(sort=order),
    }


def in_order(traces: list[TraceSummary], order: str) -> list[TraceSummary]:
    """The store gives the newest first; other orders keep that among equals."""
    if order == "longest":
        return sorted(traces, key=lambda trace: -trace.duration_ns)
    if order == "spans":
        return sorted(traces, key=lambda trace: -trace.spans)
    if order == "errors":
        return sorted(traces, key=lambda trace: -trace.errors)
    return traces
