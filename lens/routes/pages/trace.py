"""One trace: its story, its waterfall, its numbers, its log lines, and each span on its own."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from lens.domain.hints import Hints
from lens.domain.ids import pasted
from lens.domain.ids import trace_id as read_id
from lens.routes.pages.layouts import Layouts
from lens.routes.pages.shell import Shell
from lens.views.chunks import chunk
from lens.views.find import find
from lens.views.trace_page import VIEWS, Wanted, of_span, of_trace

TRIES = 6
MOST_ROWS = 200
RECORDED = "recorded"
Clocks = Annotated[str, Query()]


def add_trace(router: APIRouter, layouts: Layouts, shell: Shell, hints: Hints) -> None:
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
        *,
        trace_id: str,
        span: Annotated[str, Query()] = "",
        view: Annotated[str, Query()] = "timeline",
        text: Annotated[str, Query(alias="uiFind")] = "",
        tried: Annotated[str, Query(alias="try")] = "",
        show: Annotated[str, Query()] = "",
        clocks: Clocks = "",
        by: Annotated[str, Query(max_length=200)] = "",
        sort: Annotated[str, Query()] = "",
    ) -> HTMLResponse:
        """`show=all` has every row, and the opened span unabridged; `clocks=recorded` has times as
        they were sent, although clocks disagree. The table is grouped `by` a field or attribute.
        """
        layout = await layouts.of(trace_id, recorded=clocks == RECORDED)
        if layout is None:
            return await missing(shell, trace_id, tried)
        view = view if view in VIEWS else "timeline"
        wanted = Wanted(view, span.lower(), text, show == "all", by.strip(), sort)
        around = await layouts.around(layout)
        story = await to_thread.run_sync(lambda: of_trace(layout, wanted, around, hints))
        related = await layouts.related(layout)
        pinned = layout.trace.trace_id in await layouts.store.pinned()
        return await shell.page("trace.html", **story, related=related, pinned=pinned)


def add_spans(router: APIRouter, layouts: Layouts, shell: Shell) -> None:
    """The pieces the waterfall asks for while it is looked at."""

    @router.get("/trace/{trace_id}/span/{span_id}")
    async def read_span(
        trace_id: str, span_id: str, show: Annotated[str, Query()] = ""
    ) -> HTMLResponse:
        layout = await layouts.of(trace_id)
        span = layout.trace.by_id.get(span_id.lower()) if layout else None
        if layout is None or span is None:
            return shell.fragment("_no_span.html", 404)
        return shell.fragment("_span.html", **of_span(layout.trace, span, whole=show == "all"))

    @router.get("/trace/{trace_id}/rows")
    async def read_rows(
        *,
        trace_id: str,
        first: Annotated[int, Query(ge=0, lt=10_000_000)],
        count: Annotated[int, Query(gt=0, le=MOST_ROWS)],
        of: Annotated[int, Query(ge=0)],
        clocks: Clocks = "",
    ) -> HTMLResponse:
        """Some rows of a long trace; 409 when it has other than `of` spans by now, since then the
        rows have other numbers.
        """
        layout = await layouts.of(trace_id, recorded=clocks == RECORDED)
        if layout is None or len(layout.fall.rows) != of:
            return shell.fragment("_no_span.html", 409 if layout else 404)
        piece = chunk(layout.fall.rows, first, count)
        return shell.fragment(
            "_rows.html",
            rows=piece.rows,
            here=f"/trace/{layout.trace.trace_id}",
            found=frozenset(),
            opened=None,
            open={},
        )

    @router.get("/trace/{trace_id}/find")
    async def find_spans(
        trace_id: str, text: Annotated[str, Query(alias="uiFind")] = "", clocks: Clocks = ""
    ) -> JSONResponse:
        """The numbers of the rows that have this text."""
        layout = await layouts.of(trace_id, recorded=clocks == RECORDED)
        if layout is None:
            return JSONResponse([])
        found = await to_thread.run_sync(find, layout.trace, text)
        rows = enumerate(layout.fall.rows)
        return JSONResponse([number for number, row in rows if row.span.span_id in found])


async def missing(shell: Shell, text: str, tried: str) -> HTMLResponse:
    """Says why a trace may not be here; the page looks again by itself a few times."""
    known = read_id(text)
    if known is None:
        return await shell.page("bad_id.html", 400, pasted=text)
    before = int(tried) if tried in set("0123456") else 0
    again = before + 1 if before < TRIES else None
    return await shell.page("no_trace.html", 404, trace_id=known, again=again)
