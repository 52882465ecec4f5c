from html import escape

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from shared.telemetry.decorator import Trace

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>AcmeShop gateway</title>
<h1>AcmeShop gateway</h1>
<p>Ask for an order a few times, see some answers fail, then look for the failed trace.</p>
<ul>
<li><a href="{shop}">the shop</a>
<li><a href="/orders/12345">an order</a> (12345 to 12354 exist)
<li><a href="/articles/v1/?with_suggested=1">the journal, with suggestions</a>
<li><a href="{explorer}">the traces</a>
<li><a href="{explorer}/search?service=gateway&amp;errors=1">the traces that failed</a>
<li><a href="/docs">this API</a>
</ul>
"""


def routes(shop: str, explorer: str) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    page = PAGE.format(shop=escape(shop), explorer=escape(explorer))

    @router.get("/")
    async def index() -> HTMLResponse:
        return HTMLResponse(page)

    @router.get("/favicon.ico")
    @Trace(disable_tracing=True)
    async def icon() -> Response:
        return Response(status_code=204)

    return router
