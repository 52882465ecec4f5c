"""Scenarios, and how a run of one begins."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from chaos.control_plane.domain.problem import Problem
from chaos.control_plane.domain.reading import read_model
from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.domain.scenario import Scenario
from chaos.control_plane.domain.scenario_told import card, whole
from chaos.control_plane.domain.scope import SESSION
from chaos.control_plane.flows.runs import Runs
from chaos.control_plane.routes.body import body_of, taking
from chaos.control_plane.routes.door import Door
from chaos.control_plane.routes.runs import RunViews


class Wanted(BaseModel):
    """How a run is to be; what is not given is as the scenario says. `session` is whose clicks it
    strikes, that of the caller by itself.
    """

    model_config = ConfigDict(extra="forbid")

    session: Annotated[str, Field(pattern=SESSION.pattern)] | None = None
    scope: Literal["session", "class"] | None = None
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = None
    speed: Annotated[float, Field(ge=0.1, le=100)] = 1.0
    reveal: Literal["visible", "hidden"] | None = None


WANTED = taking(Wanted.model_json_schema(), {"seed": 42})


def routes(runs: Runs, views: RunViews, door: Door) -> APIRouter:
    router = APIRouter(prefix="/chaos/v1/scenarios", tags=["scenarios"])
    known = Annotated[Caller, Depends(door.caller)]

    @router.get("")
    async def list_scenarios(caller: known) -> dict[str, Any]:
        """Every scenario, the easiest first, with its runs."""
        every = runs.library.scenarios.values()
        return {"scenarios": [card(one, caller, views.of_scenario(one, caller)) for one in every]}

    @router.get("/{id}")
    async def read_scenario(id: str, caller: known) -> dict[str, Any]:  # noqa: A002 - its word
        """One of them; a presenter gets all of it."""
        scenario = runs.library.named(id)
        found = card(scenario, caller, views.of_scenario(scenario, caller))
        if not caller.is_presenter:
            return found
        return found | whole(scenario, runs.library.debriefs[id])

    @router.post("/{id}/runs", status_code=201, openapi_extra=WANTED)
    async def begin(id: str, request: Request, caller: known) -> JSONResponse:  # noqa: A002
        """Begins it, for one session or for everybody."""
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
        caller.must_be_presenter("begin a scenario for the whole class")
        return ""
    if scenario.scope == "class":
        told = f"{scenario.id} strikes a process and with it everybody: it is for the class only"
        raise Problem(422, "effect-not-request-scoped", told)
    if wanted.session is None:
        return caller.must_have_session()
    if wanted.session != caller.session:
        caller.must_be_presenter("begin a scenario for somebody else's session")
    return wanted.session
