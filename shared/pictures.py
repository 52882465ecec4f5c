"""The pictures of the products, for the services that a browser asks for them."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from fastapi.responses import Response

from shared.errors import NotFound
from shared.telemetry.decorator import Trace

# An SVG may carry scripts: these do not, and a browser that opens one directly runs none.
HEADERS = {
    "cache-control": "public, max-age=86400, immutable",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
}


def pictures(folder: Path) -> APIRouter:
    """`GET /pictures/{name}.svg`, without a trace. The files of `folder` are read once, so that no
    name can lead out of it.
    """
    router = APIRouter(include_in_schema=False)
    known = {path.stem: path.read_bytes() for path in folder.glob("*.svg")}

    @router.get("/pictures/{name}.svg")
    @Trace(disable_tracing=True)
    async def read_picture(name: Annotated[str, InPath(max_length=100)]) -> Response:
        if name not in known:
            raise NotFound(f"no picture {name}")
        return Response(known[name], media_type="image/svg+xml", headers=HEADERS)

    return router
