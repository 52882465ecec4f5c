"""Log lines by text, level, service and trace, each with the way to its span."""

import time

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from lens.domain.log_query import LEVELS, FoundLines
from lens.routes.pages.shell import Shell
from lens.store import TraceStore
from lens.views.logs import CHOICES, known_of, read_form
from lens.views.moments import moment


def add_logs(router: APIRouter, store: TraceStore, shell: Shell) -> None:
    @router.get("/logs")
    async def read_logs(request: Request) -> HTMLResponse:
        form = read_form(request.query_params, time.time_ns())
        found = FoundLines((), 0) if form.wrong else await store.log_lines(form.query)
        return await shell.page(
            "logs.html",
            400 if form.wrong else 200,
            form=form,
            found=found.lines,
            days=len({moment(one.line.time_ns).date() for one in found.lines}) > 1,
            levels=LEVELS,
            lookbacks=CHOICES,
            services=await store.services(),
            known_of=known_of,
        )
