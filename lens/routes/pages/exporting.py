"""A trace as a file: a page that needs neither lens nor a network, or JSON for other tools."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query
from fastapi.responses import Response

from lens.domain.hints import Hints
from lens.routes.pages.layouts import Layouts
from lens.routes.pages.shell import LENS, Shell
from lens.views.trace_page import Layout, Wanted, of_span, of_trace
from shared.errors import BadRequest, NotFound
from traces.findings import Surroundings
from traces.formats.jaeger import trace_json
from traces.formats.otlp_json import traces_json
from traces.formats.page import embedded
from traces.formats.story import story_json
from traces.layout.palette import STYLESHEET
from traces.model import Trace

# Rows beyond are in the data of the page alone, and so are the details of spans.
MOST_ROWS, MOST_DETAILS = 5_000, 300
OF_LENS = re.compile(r' href="/[^"]*"')
STYLE = "\n".join(path.read_text() for path in (STYLESHEET, LENS / "static" / "lens.css"))
FORMS: Mapping[str, Callable[[Trace], Any]] = {
    "lens": story_json,
    "otlp": lambda trace: traces_json([trace]),
    "jaeger": lambda trace: {"data": [trace_json(trace)]},
}


def add_export(router: APIRouter, layouts: Layouts, shell: Shell, hints: Hints) -> None:
    @router.get("/trace/{trace_id}/export")
    async def export(trace_id: str, form: Annotated[str, Query()] = "html") -> Response:
        """`form` is html, lens, otlp or jaeger."""
        if form != "html" and form not in FORMS:
            raise BadRequest(f"form: {form} is none of html, {', '.join(FORMS)}")
        layout = await layouts.of(trace_id)
        if layout is None:
            raise NotFound(f"there is no trace {trace_id[:40]}, or no longer")
        name = f"trace-{layout.trace.trace_id}"
        if form == "html":
            around = await layouts.around(layout)
            page = await to_thread.run_sync(partial(page_of, layout, shell, around, hints))
            return file(page, f"{name}.html", "text/html; charset=utf-8")
        text = await to_thread.run_sync(lambda: json.dumps(FORMS[form](layout.trace)))
        return file(text, f"{name}.{form}.json", "application/json")


def file(text: str, name: str, kind: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(text, headers=headers, media_type=kind)


def page_of(layout: Layout, shell: Shell, around: Surroundings, hints: Hints) -> str:
    """One page with its style, without scripts, and with the trace as data in it. It asks nothing
    of anyone: links into lens are left out, and its policy allows nothing but the style.
    """
    trace, rows = layout.trace, layout.fall.rows[:MOST_ROWS]
    with_details = {row.span.span_id for row in rows[:MOST_DETAILS]}
    with_details |= {row.span.span_id for row in [r for r in rows if r.span.failed][:MOST_DETAILS]}
    parts = of_trace(layout, Wanted("export", whole=True), around, hints)
    page = shell.text(
        "export.html",
        **parts,
        rows=rows,
        details={key: of_span(trace, trace.by_id[key], whole=True) for key in with_details},
        style=STYLE,
        style_hash=base64.b64encode(sha256(STYLE.encode()).digest()).decode(),
        data=embedded(json.dumps(story_json(trace))),
    )
    return OF_LENS.sub("", page)
