from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.gateway.clients.journal import Articles, Suggestions
from services.gateway.routes.paths import Id


def routes(articles: Articles, suggestions: Suggestions) -> APIRouter:
    router = APIRouter(tags=["journal"])

    @router.get("/articles/v1/")
    async def list_articles(with_suggested: bool = False) -> Any:
        return JSONResponse(await articles.all(with_suggested))

    @router.get("/articles/v1/{article_id}")
    async def read_article(article_id: Id) -> Any:
        return JSONResponse(await articles.read(article_id))

    @router.get("/suggestions/v1/{thing_id}")
    async def list_suggestions(thing_id: Id) -> Any:
        """What goes with an article, by its number, or with a product, by its name."""
        return JSONResponse(await suggestions.of(thing_id))

    return router
