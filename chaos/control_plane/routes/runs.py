"""Runs of scenarios: how they go on, and what became of them."""

from base64 import b64encode
from hashlib import sha256
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict

from chaos.control_plane.domain.problem import Problem
from chaos.control_plane.domain.reading import read_model
from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.domain.run import Run
from chaos.control_plane.domain.scenario import Scenario
from chaos.control_plane.domain.scenario_report import as_html, as_markdown, report
from chaos.control_plane.domain.scenario_told import run_told
from chaos.control_plane.domain.staging import source_of
from chaos.control_plane.flows.control import Control
from chaos.control_plane.flows.runs import Runs
from chaos.control_plane.routes.body import body_of, taking
from chaos.control_plane.routes.door import Door
from chaos.control_plane.routes.panel_shell import HEADERS, style

Format = Annotated[Literal["json", "md", "html"], Query()]


class Repair(BaseModel):
    model_config = ConfigDict(extra="forbid")

    fix: str


class RunViews:
    """Runs as JSON, for one caller."""

    def __init__(self, control: Control, runs: Runs) -> None:
        self._control, self._runs = control, runs

    def of(self, run: Run, caller: Caller) -> dict[str, Any]:
        scenario, now = self._runs.scenario_of(run), self._control.clock()
        return run_told(run, scenario, caller, now, self._applied(run))

    def of_scenario(self, scenario: Scenario, caller: Caller) -> list[dict[str, Any]]:
        """Its runs that are on and may be seen."""
        return [
            self.of(run, caller)
            for run in self._runs.every()
            if run.is_on and run.scenario == scenario.id and concerns(run, caller)
        ]

    def _applied(self, run: Run) -> str:
        ids = (entry.id for entry in self._control.entries() if entry.source == source_of(run))
        last = max(map(self._control.changed_at, ids), default=self._control.revision)
        return "{}/{}".format(*self._control.instances.applied(last, self._control.clock()))


def routes(control: Control, runs: Runs, views: RunViews, door: Door) -> APIRouter:
    router = APIRouter(prefix="/chaos/v1/runs", tags=["scenarios"])
    add_looking(router, control, runs, views, door)
    add_doing(router, runs, views, door)
    return router


def add_looking(
    router: APIRouter, control: Control, runs: Runs, views: RunViews, door: Door
) -> None:
    known = Annotated[Caller, Depends(door.caller)]

    @router.get("")
    async def list_runs(caller: known) -> dict[str, Any]:
        """The runs that strike the caller, or all for a presenter; the newest first."""
        return {"runs": [views.of(run, caller) for run in runs.every() if concerns(run, caller)]}

    @router.get("/{id}")
    async def read_run(id: str, caller: known) -> dict[str, Any]:  # noqa: A002 - its word
        return views.of(mine(runs, id, caller), caller)

    @router.get("/{id}/report")
    async def read_report(id: str, caller: known, format: Format = "json") -> Response:  # noqa: A002
        """What happened, and what there was to learn; for a student when it is over or revealed."""
        run = mine(runs, id, caller)
        if not (caller.is_presenter or run.is_open):
            told = "its report gives the cause away: end it, or reveal it first"
            raise Problem(403, "forbidden", told)
        scenario = runs.scenario_of(run)
        hits = [one for id_ in runs.fault_ids(run) for one in control.hits.find(fault=id_)]
        found = report(run, scenario, runs.library.debriefs[scenario.id], hits, control.clock())
        if format == "md":
            return PlainTextResponse(as_markdown(found), media_type="text/markdown")
        return page_of(found) if format == "html" else JSONResponse(found)


def add_doing(router: APIRouter, runs: Runs, views: RunViews, door: Door) -> None:
    known = Annotated[Caller, Depends(door.caller)]

    @router.post("/{id}/stop")
    async def stop(id: str, caller: known) -> dict[str, Any]:  # noqa: A002
        """Ends it: its faults are gone."""
        return views.of(runs.stop(changeable(runs, id, caller).id), caller)

    @router.post("/{id}/restart", status_code=201)
    async def restart(id: str, caller: known) -> JSONResponse:  # noqa: A002
        """The same once more, with the same seed."""
        run = runs.restart(changeable(runs, id, caller).id, caller)
        headers = {"location": f"/chaos/v1/runs/{run.id}"}
        return JSONResponse(views.of(run, caller), 201, headers=headers)

    @router.post("/{id}/hint")
    async def hint(id: str, caller: known) -> dict[str, Any]:  # noqa: A002
        """Gives one more hint."""
        return views.of(runs.hint(changeable(runs, id, caller).id), caller)

    @router.post("/{id}/reveal")
    async def reveal(id: str, caller: known) -> dict[str, Any]:  # noqa: A002
        """Shows what struck, from now on in spans, and in the ledger also what struck before."""
        return views.of(runs.reveal(changeable(runs, id, caller).id), caller)

    @router.post("/{id}/fix", openapi_extra=taking(Repair.model_json_schema()))
    async def fix(id: str, request: Request, caller: known) -> dict[str, Any]:  # noqa: A002
        """Makes one of its repairs."""
        wanted = read_model(Repair, await body_of(request))
        return views.of(runs.fix(changeable(runs, id, caller).id, wanted.fix), caller)


def page_of(found: dict[str, Any]) -> HTMLResponse:
    """A report has the style of the control room in it, and may have nothing else."""
    look = style()
    allowed = b64encode(sha256(look.encode()).digest()).decode()
    more = {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'"
        ),
        "Content-Disposition": f'inline; filename="scenario-{found["scenario"]}.html"',
    }
    return HTMLResponse(as_html(found, look), headers=HEADERS | more)


def mine(runs: Runs, id_: str, caller: Caller) -> Run:
    run = runs.named(id_)
    if not concerns(run, caller):
        raise Problem(403, "forbidden", f"run {id_} is somebody else's")
    return run


def changeable(runs: Runs, id_: str, caller: Caller) -> Run:
    run = mine(runs, id_, caller)
    if not run.session:
        caller.must_be_presenter("go on with a scenario of the whole class")
    return run


def concerns(run: Run, caller: Caller) -> bool:
    """Whether the caller is among those whom the run strikes."""
    return caller.is_presenter or run.session in ("", caller.session)
