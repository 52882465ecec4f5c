from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Query

from services.suggestions.domain import kind_of
from shared.contracts.sent import THING_IDS
from shared.contracts.suggestions import SuggestedIds, SuggestedIdsOfMany
from shared.errors import NotFound
from shared.openapi import errors

Ids = Annotated[
    str,
    Query(
        max_length=50_000,
        pattern=THING_IDS,
        description="ids of articles or products, with commas",
    ),
]


def routes(suggestions: Mapping[str, tuple[str, ...]]) -> APIRouter:
    router = APIRouter(prefix="/suggestions/v1", tags=["suggestions"])

    @router.get("/")
    async def list_many(ids: Ids) -> SuggestedIdsOfMany:
        return SuggestedIdsOfMany({id_: suggestions.get(id_, ()) for id_ in ids.split(",")})

    @router.get("/{thing_id}", responses=errors(404))
    async def list_suggestions(thing_id: Annotated[str, Path(max_length=100)]) -> SuggestedIds:
        if thing_id not in suggestions:
            raise NotFound(f"no {kind_of(thing_id)} {thing_id}")
        return SuggestedIds(suggestions[thing_id])

    return router
