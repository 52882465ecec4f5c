"""Scenarios and their runs."""

from base64 import b64encode
from hashlib import sha256
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from chaos.control_plane.domain.reading import Problem, read_model
from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.domain.scenario.model import Scenario
from chaos.control_plane.domain.scenario.run import Run, source_of
from chaos.control_plane.domain.scope import SESSION
from chaos.control_plane.flows.control import Control
from chaos.control_plane.flows.runs import Runs
from chaos.control_plane.routes.authentication import Authenticator
from chaos.control_plane.routes.json_api import WITH_TOKEN, body_of, taking
from chaos.control_plane.views.scenarios import as_html, as_markdown, card, report, run_json, whole
from chaos.control_plane.views.shell import HEADERS, style
from shared.openapi import errors

OF_A_RUN = errors(403, 404, 409)
TEXT = {"schema": {"type": "string"}}
REPORT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The report", "content": {"text/markdown": TEXT, "text/html": TEXT}}
}
Format = Annotated[Literal["json", "md", "html"], Query()]


class WantedFix(BaseModel):
    model_config = ConfigDict(extra="forbid")

    fix: str


class RunViews:
    """Runs as JSON, for one caller."""

    def __init__(self, control: Control, runs: Runs) -> None:
        self._control, self._runs = control, runs

    def of(self, run: Run, caller: Caller) -> dict[str, Any]:
        scenario, now = self._runs.scenario_of(run), self._control.clock()
        return run_json(run, scenario, caller, now, self._applied(run))

    def of_scenario(self, scenario: Scenario, caller: Caller) -> list[dict[str, Any]]:
        """Its runs that are on and may be seen."""
        return [
            self.of(run, caller)
            for run in self._runs.every()
            if run.is_on and run.scenario == scenario.id and concerns(run, caller)
        ]

    def _applied(self, run: Run) -> str:
        ids = (entry.id for entry in self._control.entries() if entry.source == source_of(run))
        last = max(map(self._control.book.changed_at, ids), default=self._control.revisions.last)
        return "{}/{}".format(*self._control.instances.applied(last, self._control.clock()))


def run_routes(control: Control, runs: Runs, views: RunViews, auth: Authenticator) -> APIRouter:
    router = APIRouter(prefix="/chaos/v1/runs", tags=["scenarios"], responses=errors(401))
    add_looking(router, control, runs, views, auth)
    add_doing(router, runs, views, auth)
    return router


def add_looking(
    router: APIRouter, control: Control, runs: Runs, views: RunViews, auth: Authenticator
) -> None:
    known = Annotated[Caller, Depends(auth.reader)]

    @router.get("", openapi_extra=WITH_TOKEN)
    async def list_runs(caller: known) -> dict[str, Any]:
        """The runs that affect the caller, or all for a presenter; the newest first."""
        return {"runs": [views.of(run, caller) for run in runs.every() if concerns(run, caller)]}

    @router.get("/{id}", responses=errors(403, 404), openapi_extra=WITH_TOKEN)
    async def read_run(id: str, caller: known) -> dict[str, Any]:  # noqa: A002 - its word
        return views.of(mine(runs, id, caller), caller)

    @router.get("/{id}/report", responses=REPORT | OF_A_RUN, openapi_extra=WITH_TOKEN)
    async def read_report(id: str, caller: known, format: Format = "json") -> Response:  # noqa: A002
        """What happened, and what there was to learn, once it is over or revealed."""
        run = mine(runs, id, caller)
        if not caller.sees(not run.is_open):
            message = "its report gives the cause away: stop it, or reveal it first"
            raise Problem(403, "forbidden", message)
        scenario = runs.scenario_of(run)
        hits = [one for id_ in runs.fault_ids(run) for one in control.hits.find(fault=id_)]
        found = report(run, scenario, runs.library.debriefs[scenario.id], hits, control.clock())
        if format == "md":
            return PlainTextResponse(as_markdown(found), media_type="text/markdown")
        return page_of(found) if format == "html" else JSONResponse(found)


def add_doing(router: APIRouter, runs: Runs, views: RunViews, auth: Authenticator) -> None:
    known = Annotated[Caller, Depends(auth.reader)]

    @router.post("/{id}/stop", responses=OF_A_RUN, openapi_extra=WITH_TOKEN)
    async def stop(id: str, caller: known) -> dict[str, Any]:  # noqa: A002
        """Ends it and removes its faults."""
        return views.of(runs.stop(changeable(runs, id, caller).id), caller)

    @router.post(
        "/{id}/restart",
        status_code=201,
        responses=OF_A_RUN | errors(429),
        openapi_extra=WITH_TOKEN,
    )
    async def restart(id: str, caller: known) -> JSONResponse:  # noqa: A002
        """Starts it again, with the same seed."""
        run = runs.restart(changeable(runs, id, caller).id, caller)
        headers = {"location": f"/chaos/v1/runs/{run.id}"}
        return JSONResponse(views.of(run, caller), 201, headers=headers)

    @router.post("/{id}/hint", responses=OF_A_RUN, openapi_extra=WITH_TOKEN)
    async def hint(id: str, caller: known) -> dict[str, Any]:  # noqa: A002
        """Gives one more hint."""
        return views.of(runs.hint(changeable(runs, id, caller).id), caller)

    @router.post("/{id}/reveal", responses=OF_A_RUN, openapi_extra=WITH_TOKEN)
    async def reveal(id: str, caller: known) -> dict[str, Any]:  # noqa: A002
        """Shows its faults to everybody: in new spans, and in the ledger of all hits."""
        return views.of(runs.reveal(changeable(runs, id, caller).id), caller)

    @router.post(
        "/{id}/fix",
        responses=OF_A_RUN,
        openapi_extra=taking(WantedFix, {"fix": "retries"}, **WITH_TOKEN),
    )
    async def fix(id: str, request: Request, caller: known) -> dict[str, Any]:  # noqa: A002
        """Applies one of its fixes."""
        wanted = read_model(WantedFix, await body_of(request))
        return views.of(runs.fix(changeable(runs, id, caller).id, wanted.fix), caller)


def page_of(found: dict[str, Any]) -> HTMLResponse:
    """A self-contained page: it has the style of the control room in it, and loads nothing."""
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
        raise Problem(403, "forbidden", f"run {id_} belongs to another session")
    return run


def changeable(runs: Runs, id_: str, caller: Caller) -> Run:
    run = mine(runs, id_, caller)
    if not run.session:
        caller.must_be_presenter("control a scenario of the whole class")
    return run


def concerns(run: Run, caller: Caller) -> bool:
    """Whether the caller is among those whom the run affects."""
    return caller.is_presenter or run.session in ("", caller.session)


class Wanted(BaseModel):
    """How to run it; what is not given is as the scenario says. `session` is the session that it
    affects, by default that of the caller.
    """

    model_config = ConfigDict(extra="forbid")

    session: Annotated[str, Field(pattern=SESSION.pattern)] | None = None
    scope: Literal["session", "class"] | None = None
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = None
    speed: Annotated[float, Field(ge=0.1, le=100)] = 1.0
    reveal: Literal["visible", "hidden"] | None = None


WANTED = taking(Wanted, {"seed": 42, "scope": "class"}, **WITH_TOKEN)


def routes(runs: Runs, views: RunViews, auth: Authenticator) -> APIRouter:
    router = APIRouter(prefix="/chaos/v1/scenarios", tags=["scenarios"], responses=errors(401))
    known = Annotated[Caller, Depends(auth.reader)]

    @router.get("", openapi_extra=WITH_TOKEN)
    async def list_scenarios(caller: known) -> dict[str, Any]:
        """Every scenario, the easiest first, with its runs."""
        every = runs.library.scenarios.values()
        return {"scenarios": [card(one, caller, views.of_scenario(one, caller)) for one in every]}

    @router.get("/{id}", responses=errors(404), openapi_extra=WITH_TOKEN)
    async def read_scenario(id: str, caller: known) -> dict[str, Any]:  # noqa: A002 - its word
        """One of them; a presenter who asks for it gets all of it."""
        scenario = runs.library.named(id)
        found = card(scenario, caller, views.of_scenario(scenario, caller))
        if not caller.sees_hidden:
            return found
        return found | whole(scenario, runs.library.debriefs[id])

    @router.post(
        "/{id}/runs",
        status_code=201,
        responses=errors(400, 403, 404, 409, 429),
        openapi_extra=WANTED,
    )
    async def begin(id: str, request: Request, caller: known) -> JSONResponse:  # noqa: A002
        """Starts it, for one session or for everybody."""
        scenario = runs.library.named(id)
        wanted = read_model(Wanted, await body_of(request))
        session = whose(scenario, wanted, caller)
        hidden = None if wanted.reveal is None else wanted.reveal == "hidden"
        seed, speed = wanted.seed, wanted.speed
        run = runs.begin(scenario, session, by=caller, seed=seed, speed=speed, hidden=hidden)
        headers = {"location": f"/chaos/v1/runs/{run.id}"}
        return JSONResponse(views.of(run, caller), 201, headers=headers)

    return router


def whose(scenario: Scenario, wanted: Wanted, caller: Caller) -> str:
    """The session that a run is for, "" for the class."""
    scope = wanted.scope or scenario.scope
    if scope == "class":
        caller.must_be_presenter("start a scenario for the whole class")
        return ""
    if scenario.scope == "class":
        message = f"{scenario.id} affects a process and so everybody: it is for the class only"
        raise Problem(422, "effect-not-request-scoped", message)
    if wanted.session is None:
        return caller.must_have_session()
    if wanted.session != caller.session:
        caller.must_be_presenter("start a scenario for another session")
    return wanted.session
