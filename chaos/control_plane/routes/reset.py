"""Back to a shop without faults, and to another profile."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from chaos.control_plane.domain.problem import Problem
from chaos.control_plane.domain.reading import read_model
from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.flows.control import Control
from chaos.control_plane.routes.body import body_of, taking
from chaos.control_plane.routes.door import Door


class Reset(BaseModel):
    model_config = ConfigDict(extra="forbid")

    scope: Literal["all", "mine"] = "mine"


class Chosen(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=40)


def routes(control: Control, door: Door) -> APIRouter:
    router = APIRouter(prefix="/chaos/v1", tags=["all at once"])
    known = Annotated[Caller, Depends(door.caller)]

    @router.post("/reset", openapi_extra=taking(Reset.model_json_schema(), {"scope": "all"}))
    async def reset(request: Request, caller: known) -> dict[str, Any]:
        """Stop all; or, with "mine", what was put for the caller's own session."""
        wanted = read_model(Reset, await body_of(request))
        if wanted.scope == "all":
            caller.must_be_presenter('stop everything; {"scope": "mine"} is for everybody')
        session = None if wanted.scope == "all" else caller.must_have_session()
        removed, runs = control.stop(session, by=caller.name)
        return {"revision": control.revision, "removed": removed, "stopped_runs": runs}

    @router.get("/profile")
    async def read_profile(_caller: known) -> dict[str, Any]:
        return told()

    @router.put("/profile", openapi_extra=taking(Chosen.model_json_schema(), {"name": "default"}))
    async def choose_profile(request: Request, caller: known) -> dict[str, Any]:
        """Has the faults of a profile, and no longer those of another one."""
        caller.must_be_presenter("choose the profile")
        name = read_model(Chosen, await body_of(request)).name
        if name not in control.profiles:
            there = ", ".join(control.profiles)
            raise Problem(422, "validation", f"there is no profile {name}: there are {there}")
        control.choose(name, by=caller.name)
        return told()

    def told() -> dict[str, Any]:
        return {
            "name": control.profile,
            "stopped": control.stopped,
            "calm": control.calm,
            "names": list(control.profiles),
            "revision": control.revision,
        }

    return router
