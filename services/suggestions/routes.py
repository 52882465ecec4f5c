from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from shared.errors import NotFound


def routes(suggestions: Mapping[str, list[str]]) -> APIRouter:
    router = APIRouter(prefix="/suggestions/v1", tags=["suggestions"])

    @router.get("/")
    async def list_many(
        ids: Annotated[str, Query(description="article ids, separated by commas")],
    ) -> Any:
        return JSONResponse({id_: suggestions.get(id_, []) for id_ in ids.split(",")})

    @router.get("/{article_id}")
    async def list_suggestions(article_id: str) -> Any:
        if article_id not in suggestions:
            raise NotFound(f"no article {article_id}")
        return JSONResponse(suggestions[article_id])

    return router
