from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse

from services.suggestions.domain import kind_of
from shared.errors import NotFound


def routes(suggestions: Mapping[str, list[str]]) -> APIRouter:
    router = APIRouter(prefix="/suggestions/v1", tags=["suggestions"])

    @router.get("/")
    async def list_many(
        ids: Annotated[
            str, Query(max_length=50_000, description="ids of articles or products, with commas")
        ],
    ) -> Any:
        return JSONResponse({id_: suggestions.get(id_, []) for id_ in ids.split(",")})

    @router.get("/{thing_id}")
    async def list_suggestions(thing_id: Annotated[str, Path(max_length=100)]) -> Any:
        if thing_id not in suggestions:
            raise NotFound(f"no {kind_of(thing_id)} {thing_id}")
        return JSONResponse(suggestions[thing_id])

    return router
