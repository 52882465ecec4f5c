"""The service map: which service calls which, how often, how well and how fast."""

import time
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from lens.domain.durations import parse_duration
from lens.routes.jaeger.parameters import MAX_NS
from lens.routes.pages.shell import Shell
from lens.store import TraceStore
from lens.views.search_form import ANY_TIME, CUSTOM, LOOKBACKS
from traces.layout.service_map import chart

CHOICES = tuple(choice for choice in LOOKBACKS if choice[0] != CUSTOM)


def add_dependencies(router: APIRouter, store: TraceStore, shell: Shell) -> None:
    @router.get("/dependencies")
    @router.get("/map")
    async def read_dependencies(lookback: Annotated[str, Query()] = "1h") -> HTMLResponse:
        now = time.time_ns()
        always = lookback == ANY_TIME  # also the future, of a clock that is wrong
        back = now if always else parse_duration(lookback)
        wrong = "" if back else f"“{lookback}” is not a span of time. Write for example 15m or 2h."
        until = MAX_NS if always else now
        edges = [] if back is None else await store.dependencies(max(0, now - back), until)
        edges = [edge for edge in edges if edge.parent != edge.child]
        services = await store.services()
        return await shell.page(
            "dependencies.html",
            400 if wrong else 200,
            chart=chart(edges, services),
            edges=sorted(edges, key=lambda edge: (edge.parent, edge.child)),
            lookback=lookback,
            lookbacks=CHOICES,
            services=services,
            wrong=wrong,
            search=lambda service, **more: search(service, lookback, **more),
        )


def search(service: str, lookback: str, *, errors: bool = False, tags: str = "") -> str:
    """The address of the search that shows the traces behind a box or an edge."""
    keys = {"service": service, "lookback": lookback, "tags": tags, "errors": "1" if errors else ""}
    return "/search?" + urlencode({key: value for key, value in keys.items() if value})
