from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.articles.clients import Suggestions
from services.articles.domain import Article, known
from shared.errors import NotFound
from shared.telemetry.decorator import Trace


def routes(articles: Mapping[str, Article], suggestions: Suggestions, *, batch: bool) -> APIRouter:
    router = APIRouter(prefix="/articles/v1", tags=["articles"])

    @Trace(name="collect suggestions")
    async def ids_suggested() -> Mapping[str, list[str]]:
        if batch:
            return await suggestions.of_all(list(articles))
        # One call for each article, one after the other: the trace shows this N+1 as a staircase.
        return {id_: await suggestions.of(id_) for id_ in articles}

    @router.get("/")
    async def list_articles(with_suggested: bool = False) -> Any:
        if not with_suggested:
            return JSONResponse({"articles": [article.answer() for article in articles.values()]})
        ids = await ids_suggested()
        return JSONResponse(
            {
                "articles": [
                    article.answer(known(ids.get(article.id, []), articles))
                    for article in articles.values()
                ]
            }
        )

    @router.get("/{article_id}")
    async def read_article(article_id: str) -> Any:
        if article_id not in articles:
            raise NotFound(f"no article {article_id}")
        return JSONResponse(articles[article_id].answer())

    return router
