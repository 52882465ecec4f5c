"""The last clicks and what happened to each. Looking at them leaves no trace."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from services.frontend.clients import Traces
from services.frontend.routes.shell import Shell
from services.frontend.routes.submitted import Submitted
from services.frontend.routes.visit import Arrived, Visit
from services.frontend.views.explained import AWAY, ELSEWHERE, Explained, explained
from shared.errors import ShopError
from shared.telemetry.decorator import Trace
from shared.topology import SERVICES

OUTSIDE = frozenset(name for service in SERVICES for name in service.outside)
LAST_TRY = 4
TraceId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


def add_clicks(router: APIRouter, traces: Traces, shell: Shell) -> None:
    async def explain(visit: Visit, trace_id: str) -> Explained:
        if not shell.links.drawn:
            return ELSEWHERE
        try:
            trace = await traces.read(trace_id)
            return explained(trace, OUTSIDE, exercise=shell.is_exercise(visit))
        except ShopError:
            return AWAY

    @router.get("/clicks")
    @Trace(disable_tracing=True)
    async def list_clicks(visit: Arrived) -> Response:
        return shell.page(visit, "clicks.html")

    @router.get("/clicks/{trace_id}")
    @Trace(disable_tracing=True)
    async def show_click(
        visit: Arrived, trace_id: TraceId, tried: Annotated[int, Query(ge=0, le=LAST_TRY)] = 0
    ) -> Response:
        story = await explain(visit, trace_id)
        click = next((click for click in visit.clicks if click.trace_id == trace_id), None)
        coming = story.state in {"waiting", "growing"} and tried < LAST_TRY
        again = tried + 1 if coming else 0
        return shell.page(
            visit, "click.html", story=story, trace_id=trace_id, click=click, again=again
        )

    @router.get("/clicks/{trace_id}/story")
    @Trace(disable_tracing=True)
    async def show_story(visit: Arrived, trace_id: TraceId) -> Response:
        """The story so far, as the drawer asks for it until it is complete."""
        story = await explain(visit, trace_id)
        return shell.fragment("_story.html", story=story, trace_id=trace_id)

    @router.post("/session/restart")
    @Trace(disable_tracing=True)
    async def restart(visit: Arrived, _sent: Submitted) -> Response:
        """Counts this browser's clicks anew: the same ones meet the same faults once more."""
        return shell.restart(visit, "/clicks")
