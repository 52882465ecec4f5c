"""The journal: what the shop writes about its things."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from services.frontend.clients import Gateway
from services.frontend.routes.shell import Shell
from services.frontend.routes.visit import Arrived


def add_journal(router: APIRouter, gateway: Gateway, shell: Shell) -> None:
    @router.get("/journal")
    async def list_articles(visit: Arrived, with_suggested: bool = False) -> Response:
        articles = await gateway.articles(with_suggested=with_suggested)
        return shell.page(visit, "journal.html", articles=articles, with_suggested=with_suggested)

    @router.get("/journal/{article_id}")
    async def show_article(
        visit: Arrived, article_id: Annotated[str, Path(max_length=20)]
    ) -> Response:
        return shell.page(visit, "article.html", article=await gateway.article(article_id))
