"""Plans: faults for whoever carries a token."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from chaos.control_plane.domain.reading import read_faults, read_model
from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.domain.scope import PLAN
from chaos.control_plane.flows.changes import Plans
from chaos.control_plane.flows.control import Control
from chaos.control_plane.routes.authentication import Authenticator
from chaos.control_plane.routes.json_api import WITH_TOKEN, body_of, taking
from chaos.engine.values import Lasting
from shared.openapi import errors

FAULT: dict[str, Any] = {"id": "slow-cart", "effect": {"type": "latency", "ms": 100}}
A_PLAN: dict[str, Any] = {"faults": [FAULT | {"where": {"service": "cart"}}], "ttl": "10m"}


class WantedPlan(BaseModel):
    """The faults of a plan; `ttl` is how long it lasts, or else each as long as it says itself."""

    model_config = ConfigDict(extra="forbid")

    faults: Annotated[list[Any], Field(min_length=1, max_length=20)]
    token: str | None = None
    ttl: Lasting | None = None


def routes(control: Control, auth: Authenticator, shop: Callable[[str], str]) -> APIRouter:
    """`shop` returns the storefront's address for a browser that uses this host name."""
    router = APIRouter(prefix="/chaos/v1/plans", tags=["plans"], responses=errors(401))
    known = Annotated[Caller, Depends(auth.caller)]
    plans = Plans(control)

    @router.post(
        "",
        status_code=201,
        responses=errors(403, 404, 409, 429),  # 404: a plan that has ended by now
        openapi_extra=taking(WantedPlan, A_PLAN, **WITH_TOKEN),
    )
    async def add_plan(request: Request, caller: known) -> Response:
        """Applies faults for the requests that carry the plan's token, and no others."""
        wish = read_model(WantedPlan, await body_of(request))
        faults = read_faults(wish.faults, "faults.")
        token = plans.add(faults, wish.token, wish.ttl, caller)
        headers = {"location": f"/chaos/v1/plans/{token}"}
        return JSONResponse(plan_json(token, request), 201, headers=headers)

    @router.get("", openapi_extra=WITH_TOKEN)
    async def read_plans(request: Request, caller: known) -> dict[str, Any]:
        """The plans; a student's own ones only."""
        return {"plans": [plan_json(token, request) for token in plans.seen_by(caller)]}

    @router.get("/{token}", responses=errors(404), openapi_extra=WITH_TOKEN)
    async def read_plan(token: str, request: Request, _caller: known) -> dict[str, Any]:
        return plan_json(token, request)

    @router.delete(
        "/{token}", status_code=204, responses=errors(403, 404), openapi_extra=WITH_TOKEN
    )
    async def end_plan(token: str, caller: known) -> None:
        plans.end(token, caller)

    def plan_json(token: str, request: Request) -> dict[str, Any]:
        entries = plans.entries(token)
        ends = max(entry.ends for entry in entries)
        return {
            "token": token,
            "baggage": f"{PLAN}={token}",
            "header": f"x-acmeshop-plan: {token}",
            "url": f"{shop(request.url.hostname or '')}/?plan={token}",
            "expires_at": ends,
            "expires_in": round(ends - control.clock(), 3),
            "faults": [entry.id for entry in entries],
        }

    return router
