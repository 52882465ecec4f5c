"""The faults, one by one; reset, and the profile."""

from math import inf
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from chaos.control_plane.domain.reading import Problem, merged, read_fault, read_model
from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.flows.changes import FaultChanges, WantedFault
from chaos.control_plane.flows.control import Control
from chaos.control_plane.flows.listing import row_of, rows
from chaos.control_plane.routes.authentication import Authenticator
from chaos.control_plane.routes.json_api import WITH_TOKEN, body_of, taking, taking_any
from chaos.engine.model import Fault
from chaos.engine.values import Lasting
from shared.errors import NotFound
from shared.openapi import errors

EXAMPLE: dict[str, Any] = {
    "id": "slow-cart",
    "where": {"service": "cart"},
    "effect": {"type": "latency", "ms": 100},
}
PATCH = "application/merge-patch+json"
CHANGING = errors(403, 404, 409, 412)
Wanted = Annotated[Literal["class", "session", "plan"] | None, Query()]
Reason = Annotated[str, Query(max_length=200)]
IfMatch = Annotated[str | None, Header()]


class Longer(BaseModel):
    """By how much; by default as long as the fault says itself."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"required": []})

    ttl: Lasting


def routes(control: Control, auth: Authenticator) -> APIRouter:
    router = APIRouter(prefix="/chaos/v1/faults", tags=["faults"], responses=errors(401))
    add_lists(router, control, auth)
    add_puts(router, control, auth)
    add_changes(router, control, auth)
    return router


def add_lists(router: APIRouter, control: Control, auth: Authenticator) -> None:
    known = Annotated[Caller, Depends(auth.reader)]
    changes = FaultChanges(control)

    @router.get("", openapi_extra=WITH_TOKEN)
    async def read_faults(
        caller: known, scope: Wanted = None, active: bool | None = None
    ) -> Response:
        """Every fault, applied here or by default, with how often it matched and fired."""
        found = [
            row
            for row in rows(control, caller)
            if scope in (None, row["scope"]) and active in (None, row["state"] == "active")
        ]
        body = {
            "revision": control.revisions.last,
            "profile": control.book.profile,
            "stopped": control.book.stopped,
            "applied": "{}/{}".format(*control.applied()),
            "faults": found,
        }
        return JSONResponse(
            body, headers={"etag": control.revisions.etag, "cache-control": "no-store"}
        )

    @router.get("/{fault_id}", responses=errors(404), openapi_extra=WITH_TOKEN)
    async def read_one(fault_id: str, caller: known) -> Response:
        return answer(control, changes, caller, fault_id)


def add_puts(router: APIRouter, control: Control, auth: Authenticator) -> None:
    known = Annotated[Caller, Depends(auth.caller)]
    changes = FaultChanges(control)

    @router.post(
        "",
        status_code=201,
        responses=errors(403, 409, 429),
        openapi_extra=taking(Fault, EXAMPLE, **WITH_TOKEN),
    )
    async def add_fault(
        request: Request, caller: known, scope: Wanted = None, reason: Reason = ""
    ) -> Response:
        """Applies a new fault."""
        fault = read_fault(await body_of(request))
        if changes.seen(fault.id, caller) is not None:
            raise Problem(409, "conflict", f"the fault {fault.id} exists already: PUT replaces it")
        changes.put(WantedFault(fault, scope, reason), caller)
        return answer(control, changes, caller, fault.id, 201)

    @router.put(
        "/{fault_id}",
        responses={201: {"description": "It was not there before"}, **CHANGING, **errors(429)},
        openapi_extra=taking(Fault, EXAMPLE, **WITH_TOKEN),
    )
    async def put_fault(
        fault_id: str,
        request: Request,
        caller: known,
        *,
        scope: Wanted = None,
        reason: Reason = "",
        if_match: IfMatch = None,
    ) -> Response:
        """Applies this fault, in place of the one with that id; its `ttl` begins now."""
        fault = read_fault({"id": fault_id, **await body_of(request)})
        check_id(fault, fault_id)
        changes.check(fault_id, if_match, caller)
        was = changes.seen(fault_id, caller)
        changes.put(WantedFault(fault, scope, reason), caller)
        return answer(control, changes, caller, fault_id, 201 if was is None else 200)


def add_changes(router: APIRouter, control: Control, auth: Authenticator) -> None:
    known = Annotated[Caller, Depends(auth.caller)]
    changes = FaultChanges(control)

    @router.patch(
        "/{fault_id}",
        responses=CHANGING,
        openapi_extra=taking_any({"type": "object"}, {"rate": 0.5}, media=PATCH) | WITH_TOKEN,
    )
    async def change_fault(
        fault_id: str, request: Request, caller: known, if_match: IfMatch = None
    ) -> Response:
        """Changes a fault by a merge patch; its end stays as it was, unless a `ttl` is given."""
        patch = await body_of(request)
        was = changes.changeable(fault_id, caller)
        changes.check(fault_id, if_match, caller)
        fault = read_fault(merged(was.fault.model_dump(mode="json"), patch))
        check_id(fault, fault_id)
        ends = None if "ttl" in patch else was.ends
        changes.change(was, fault, ends, caller)
        return answer(control, changes, caller, fault_id)

    @router.post(
        "/{fault_id}/extend",
        responses=errors(403, 404),
        openapi_extra=taking(Longer, {"ttl": "10m"}, **WITH_TOKEN),
    )
    async def extend_fault(fault_id: str, request: Request, caller: known) -> Response:
        """Extends a fault by so much; without a `ttl`, by its own."""
        was = changes.changeable(fault_id, caller)
        ttl = read_model(Longer, {"ttl": was.fault.ttl} | await body_of(request)).ttl
        ends = (control.clock() if was.ends == inf else was.ends) + ttl
        changes.change(was, was.fault, ends, caller)
        return answer(control, changes, caller, fault_id)

    @router.delete("/{fault_id}", status_code=204, responses=CHANGING, openapi_extra=WITH_TOKEN)
    async def remove_fault(fault_id: str, caller: known, if_match: IfMatch = None) -> None:
        changes.changeable(fault_id, caller)
        changes.check(fault_id, if_match, caller)
        control.remove(fault_id, by=caller.name)


def check_id(fault: Fault, fault_id: str) -> None:
    if fault.id != fault_id:
        message = f"the fault has the id {fault.id}, but the address says {fault_id}"
        raise Problem(422, "validation", message)


def answer(
    control: Control, changes: FaultChanges, caller: Caller, fault_id: str, status: int = 200
) -> Response:
    row = row_of(control, caller, fault_id)
    if row is None:
        raise NotFound(f"there is no fault {fault_id}")
    headers = {"etag": changes.etag(fault_id, caller), "cache-control": "no-store"}
    if status == 201:
        headers["location"] = f"/chaos/v1/faults/{fault_id}"
    body: dict[str, Any] = {"revision": control.revisions.last, **row}
    return JSONResponse(body, status, headers=headers)


class WantedReset(BaseModel):
    model_config = ConfigDict(extra="forbid")

    scope: Literal["all", "mine"] = "mine"


class Chosen(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=40)


def reset_routes(control: Control, auth: Authenticator) -> APIRouter:
    router = APIRouter(prefix="/chaos/v1", tags=["reset"], responses=errors(401))
    known = Annotated[Caller, Depends(auth.caller)]

    @router.post(
        "/reset",
        responses=errors(403),
        openapi_extra=taking(WantedReset, {"scope": "all"}, **WITH_TOKEN),
    )
    async def reset(request: Request, caller: known) -> dict[str, Any]:
        """Stops all fault injection, that of the shop's default faults, too: choosing the profile
        `put_back` has them return. Or, with "mine", that for the caller's session alone.
        """
        wanted = read_model(WantedReset, await body_of(request))
        if wanted.scope == "all":
            caller.must_be_presenter('stop everything; everybody may with {"scope": "mine"}')
        session = None if wanted.scope == "all" else caller.must_have_session()
        stopped = control.stop(session, by=caller.name)
        return {
            "revision": control.revisions.last,
            "removed": stopped.removed,
            "stopped_runs": stopped.runs,
            "stopped_defaults": stopped.defaults,
            "put_back": control.book.before,
        }

    @router.get("/profile", openapi_extra=WITH_TOKEN)
    async def read_profile(_caller: known) -> dict[str, Any]:
        return profile_json()

    @router.put(
        "/profile",
        responses=errors(403),
        openapi_extra=taking(Chosen, {"name": "default"}, **WITH_TOKEN),
    )
    async def choose_profile(request: Request, caller: known) -> dict[str, Any]:
        """Applies the faults of a profile, and removes those of another one."""
        caller.must_be_presenter("choose the profile")
        name = read_model(Chosen, await body_of(request)).name
        if name not in control.book.profiles:
            there = ", ".join(control.book.profiles)
            raise Problem(422, "validation", f"there is no profile {name}: there are {there}")
        control.choose(name, by=caller.name)
        return profile_json()

    def profile_json() -> dict[str, Any]:
        return {
            "name": control.book.profile,
            "stopped": control.book.stopped,
            "calm": control.book.calm,
            "names": list(control.book.profiles),
            "revision": control.revisions.last,
        }

    return router
