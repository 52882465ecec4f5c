"""The caller's role, the format of faults and its validation, and the processes."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from chaos.control_plane.domain.reading import Problem, read_text
from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.flows.control import Control
from chaos.control_plane.routes.authentication import Authenticator
from chaos.control_plane.routes.json_api import WITH_TOKEN, taking_any
from chaos.engine.reader import Faultlist
from shared.openapi import errors

FILE = "faults: [{id: slow, effect: {type: latency, ms: 100}, where: {service: cart}}]"
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def routes(control: Control, auth: Authenticator) -> APIRouter:
    router = APIRouter(prefix="/chaos/v1", tags=["about"])
    known = Annotated[Caller, Depends(auth.caller)]
    anybody = Annotated[Caller, Depends(auth.anybody)]

    @router.get("/me")
    async def who(caller: anybody) -> dict[str, Any]:
        """The caller's role: presenter, student or none; and the session in the shop."""
        return {"role": caller.role, "session": caller.session}

    @router.get("/schema")
    async def schema() -> dict[str, Any]:
        """The JSON Schema of a file of faults, for editors."""
        return {"$schema": DRAFT, "title": "Faults", **Faultlist.model_json_schema()}

    @router.post(
        "/validate",
        responses=errors(401),
        openapi_extra=taking_any({"type": "string"}, FILE, media="application/yaml") | WITH_TOKEN,
    )
    async def validate(request: Request, _caller: known) -> dict[str, Any]:
        """Validates a text, YAML or JSON: the faults in it, or a 422 with its errors."""
        try:
            text = (await request.body()).decode()
        except UnicodeDecodeError:
            raise Problem(400, "unreadable", "the text is not UTF-8") from None
        return {"faults": [fault.model_dump(mode="json") for fault in read_text(text)]}

    @router.get("/instances", responses=errors(401), openapi_extra=WITH_TOKEN)
    async def instances(_caller: known) -> dict[str, Any]:
        """The processes of the shop, and what they have applied."""
        now = control.clock()
        found = [
            {
                "service": one.service,
                "instance": one.instance,
                "pid": one.pid,
                "revision": one.revision,
                "heard": round(now - one.heard, 3),
                "waiting": one.waiting,
                "overflow": one.overflow,
                "own": [own.fault.id for own in one.own],
            }
            for one in control.instances.present(now)
        ]
        applied = "{}/{}".format(*control.applied())
        return {"revision": control.revisions.last, "applied": applied, "instances": found}

    return router
