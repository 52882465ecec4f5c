"""What the processes of the shop poll, and what they report."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse

from chaos.control_plane.domain.instances import Report
from chaos.control_plane.domain.reading import read_model
from chaos.control_plane.flows.control import Control
from chaos.control_plane.routes.authentication import Authenticator
from chaos.control_plane.routes.json_api import WITH_TOKEN, body_of, taking
from shared.openapi import errors

ETAG = re.compile(r'"([0-9a-f]+)-(\d{1,15})"')
Name = Annotated[str, Query(max_length=200)]


def routes(control: Control, auth: Authenticator) -> APIRouter:
    router = APIRouter(
        prefix="/chaos/v1",
        tags=["processes"],
        dependencies=[Depends(auth.presenter)],
        responses=errors(401, 403),
    )

    @router.get(
        "/snapshot",
        responses={304: {"description": "Nothing has changed within `wait` seconds"}},
        openapi_extra=WITH_TOKEN,
    )
    async def read_snapshot(
        wait: Annotated[float, Query(ge=0, le=60)] = 0.0,
        service: Name = "",
        instance: Name = "",
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        """All faults; with `If-None-Match`, as soon as they are not those any more."""
        seen = revision_of(if_none_match, control.revisions.epoch)
        if instance:
            control.polled(service, instance, 0 if seen is None else seen)
        control.entries()
        if seen is not None and await control.revisions.changed(seen, wait) == seen:
            return Response(status_code=304, headers={"etag": control.revisions.etag})
        snapshot = control.snapshot()
        headers = {"etag": control.revisions.etag, "cache-control": "no-store"}
        return JSONResponse(snapshot, headers=headers)

    @router.post("/reports", status_code=204, openapi_extra=taking(Report, **WITH_TOKEN))
    async def take_report(request: Request) -> None:
        """Takes the report of a process: what it has applied, and what its faults did."""
        control.hear(read_model(Report, await body_of(request)))

    return router


def revision_of(etag: str, epoch: str) -> int | None:
    """The revision that an ETag stands for; None when it is not one of this process."""
    found = ETAG.fullmatch(etag.strip().removeprefix("W/"))
    return int(found[2]) if found and found[1] == epoch else None
