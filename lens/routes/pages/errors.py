"""Errors by where they began: each cause once, with how often, since when, and sample traces."""

import time
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from lens.domain.language import written
from lens.routes.pages.shell import Shell
from lens.store import TraceStore
from lens.views.search_form import CUSTOM, LOOKBACKS, read_form
from traces.failures import Kind

CHOICES = tuple(choice for choice in LOOKBACKS if choice[0] != CUSTOM)
MOST_GROUPS = 50


def add_errors(router: APIRouter, store: TraceStore, shell: Shell) -> None:
    @router.get("/errors")
    async def read_errors(request: Request) -> HTMLResponse:
        """The parameters are those of the search page; there is no limit."""
        params = {"lookback": "1h", **request.query_params, "limit": ""}
        form = read_form(params, time.time_ns())
        found = None if form.wrong else await store.failures(form.query)
        return await shell.page(
            "errors.html",
            400 if form.wrong else 200,
            form=form,
            found=found,
            most_groups=MOST_GROUPS,
            lookbacks=CHOICES,
            search=lambda kind: search(kind, form.typed["lookback"]),
        )


def search(kind: Kind, lookback: str) -> str:
    """The address of the search for spans in which such failures began."""
    terms = ("service", kind.service), ("name", kind.operation), ("status", "error")
    query = " ".join(written(key, "=", value) for key, value in terms)
    return "/search?" + urlencode({"q": query, "lookback": lookback})
