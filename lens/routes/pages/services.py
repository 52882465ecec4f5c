"""Services: rate, errors and duration of each, and of its operations, with example traces."""

import time
from functools import partial
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from lens.domain.durations import parse_duration
from lens.domain.red import Samples, first_ns, of_operations, of_services
from lens.routes.pages.shell import Shell
from lens.store import TraceStore
from lens.views import services as views
from lens.views.search_form import ANY_TIME, CUSTOM, LOOKBACKS

CHOICES = tuple(choice for choice in LOOKBACKS if choice[0] != CUSTOM)
SECOND = 1_000_000_000
MOST_OPERATIONS = 200


def add_services(router: APIRouter, store: TraceStore, shell: Shell) -> None:
    @router.get("/services")
    async def read_services(
        lookback: Annotated[str, Query()] = "1h", service: Annotated[str, Query()] = ""
    ) -> HTMLResponse:
        now = time.time_ns()
        back = now if lookback == ANY_TIME else parse_duration(lookback)
        wrong = "" if back else f"“{lookback}” is not a span of time. Write for example 15m or 2h."
        start = max(0, now - back) if back else now
        samples = await store.samples(start, now) if back else {}
        numbers = await to_thread.run_sync(measured, samples, service, start, now)
        return await shell.page(
            "services.html",
            400 if wrong else 200,
            lookback=lookback,
            lookbacks=CHOICES,
            wrong=wrong,
            service=service,
            search=partial(views.search, lookback),
            of_work=partial(views.of_work, lookback),
            sparkline=views.sparkline,
            described=views.described,
            exemplars=store.exemplars.of(service) if service else [],
            measured_value=views.measured_value,
            **numbers,
        )


def measured(samples: Samples, service: str, start_ns: int, end_ns: int) -> dict[str, Any]:
    """All numbers of the page. Of a window that began before there were spans, only the rest is
    looked at: else every rate would be too low.
    """
    start_ns = max(start_ns, first_ns(samples, start_ns))
    operations = of_operations(samples, service, start_ns, end_ns) if service else []
    return {
        "seconds": max(1.0, (end_ns - start_ns) / SECOND),
        "spans": sum(map(len, samples.values())),
        "found": of_services(samples, start_ns, end_ns),
        "operations": operations[:MOST_OPERATIONS],
        "more": len(operations[MOST_OPERATIONS:]),
    }
