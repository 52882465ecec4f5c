"""What the faults did, would do, and will do."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from chaos.control_plane.domain.reading import Problem, read_fault, read_model
from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.flows.control import Control
from chaos.control_plane.flows.prediction import rehearse
from chaos.control_plane.flows.preview import Question, explain
from chaos.control_plane.routes.authentication import Authenticator
from chaos.control_plane.routes.json_api import WITH_TOKEN, body_of, taking
from shared.openapi import errors

A_QUESTION = {"service": "cart", "place": "GET /carts/{user_id}"}
Text = Annotated[str, Query(max_length=200)]


def routes(control: Control, auth: Authenticator) -> APIRouter:
    router = APIRouter(prefix="/chaos/v1", tags=["hits"], responses=errors(401))
    known = Annotated[Caller, Depends(auth.reader)]

    @router.get("/hits", responses=errors(400), openapi_extra=WITH_TOKEN)
    async def read_hits(
        caller: known,
        *,
        trace_id: Text = "",
        session: Text = "",
        fault: Text = "",
        fired: bool | None = None,
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=5000)] = 500,
    ) -> dict[str, Any]:
        """Where faults fired, and where they matched but did not fire; the last `limit` of them."""
        if not caller.is_presenter:
            session = caller.must_have_session()
        found = [
            noted.as_json()
            for noted in control.hits.find(
                trace_id=trace_id, session=session, fault=fault, after=after
            )
            if fired in (None, noted.hit.fired)
            and caller.sees(noted.hit.fault in control.hits.secrets)
        ]
        return {"number": control.hits.number, "found": len(found), "hits": found[-limit:]}

    @router.post("/preview", openapi_extra=taking(Question, A_QUESTION, **WITH_TOKEN))
    async def preview(request: Request, caller: known) -> dict[str, Any]:
        """For each fault: would it fire in such a request, and if not, which condition fails."""
        question = read_model(Question, await body_of(request))
        tried = None if question.fault is None else read_fault(question.fault, "fault.")
        return {"faults": explain(control, question, caller, tried)}

    @router.get("/rehearsal", responses=errors(400), openapi_extra=WITH_TOKEN)
    async def rehearsal(
        caller: known,
        session: Text = "",
        fault: Text = "",
        n: Annotated[int, Query(ge=1, le=100)] = 10,
    ) -> dict[str, Any]:
        """What happens to the session's last click, repeated `n` times."""
        whose = caller.must_have_session()
        if session not in ("", whose):
            raise Problem(422, "validation", f"{session} is not a session: 4 to 40 of a-z, 0-9, -")
        return rehearse(control, whose, fault, n, caller)

    return router
