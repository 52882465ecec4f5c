from html import escape
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse, Response

from services.gateway.clients import Articles, Auth, Orders, Suggestions
from shared.telemetry.decorator import Trace

INDEX = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>AcmeShop gateway</title>
<h1>AcmeShop gateway</h1>
<p>Ask for an order a few times, see some answers fail, then look for the failed trace.</p>
<ul>
<li><a href="/orders/12345">an order</a> (12345 to 12354 exist)
<li><a href="/articles/v1/?with_suggested=1">the journal, with suggestions</a>
<li><a href="{explorer}">the traces</a>
<li><a href="{explorer}/search?service=gateway&amp;errors=1">the traces that failed</a>
<li><a href="/docs">this API</a>
</ul>
"""


def routes(
    auth: Auth, orders: Orders, articles: Articles, suggestions: Suggestions, explorer: str
) -> APIRouter:
    router = APIRouter(tags=["gateway"])

    @router.get("/", include_in_schema=False)
    async def index() -> HTMLResponse:
        return HTMLResponse(INDEX.format(explorer=escape(explorer)))

    @router.get("/favicon.ico", include_in_schema=False)
    @Trace(disable_tracing=True)
    async def icon() -> Response:
        return Response(status_code=204)

    @router.get("/orders/{order_id}")
    async def read_order(order_id: str) -> Any:
        user_id = await auth.user_id()
        return JSONResponse(await orders.read(order_id, user_id))

    @router.get("/articles/v1/")
    async def list_articles(with_suggested: bool = False) -> Any:
        return JSONResponse(await articles.all(with_suggested))

    @router.get("/articles/v1/{article_id}")
    async def read_article(article_id: str) -> Any:
        return JSONResponse(await articles.read(article_id))

    @router.get("/suggestions/v1/{article_id}")
    async def list_suggestions(article_id: str) -> Any:
        return JSONResponse(await suggestions.of(article_id))

    return router
