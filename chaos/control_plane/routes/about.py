"""What is there beside the faults: processes, the format, and who one is."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from chaos.control_plane.domain.reading import Problem, read_text
from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.flows.control import Control
from chaos.control_plane.routes.authentication import Door
from chaos.control_plane.routes.json_api import taking
from chaos.engine.reader import Faultlist

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def routes(control: Control, door: Door) -> APIRouter:
    router = APIRouter(prefix="/chaos/v1", tags=["about"])
    known = Annotated[Caller, Depends(door.caller)]
    anybody = Annotated[Caller, Depends(door.anybody)]

    @router.get("/me")
    async def who(caller: anybody) -> dict[str, Any]:
        """As whom one is known here: presenter, student or none; and one's session in the shop."""
        return {"role": caller.role, "session": caller.session}

    @router.get("/schema")
    async def schema() -> dict[str, Any]:
        """The JSON Schema of a file of faults, for editors."""
        return {"$schema": DRAFT, "title": "Faults", **Faultlist.model_json_schema()}

    @router.post(
        "/validate",
        openapi_extra=taking({"type": "string"}, media="application/yaml"),
    )
    async def validate(request: Request, _caller: known) -> dict[str, Any]:
        """Whether a text, YAML or JSON, is a file of faults: as it is understood, or a 422."""
        try:
            text = (await request.body()).decode()
        except UnicodeDecodeError:
            raise Problem(400, "unreadable", "the text is no UTF-8") from None
        return {"faults": [fault.model_dump(mode="json") for fault in read_text(text)]}

    @router.get("/instances")
    async def instances(_caller: known) -> dict[str, Any]:
        """The processes of the shop that were heard of lately, and what they have applied."""
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
