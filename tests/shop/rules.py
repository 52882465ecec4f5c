"""Every route of the gateway, and who is let in."""

import httpx
from fastapi import FastAPI
from starlette.routing import Route

from shared.topology import BY_NAME
from tests.inprocess import Line, Shop

ANYBODY = {
    "GET /",
    "GET /favicon.ico",
    "GET /pictures/{name}.svg",
    "GET /products",
    "GET /products/{product_id}",
    "GET /tags",
    "GET /articles/v1/",
    "GET /articles/v1/{article_id}",
    "GET /suggestions/v1/{thing_id}",
    "POST /login/",
    "POST /register",
    "POST /refresh-token",
    "POST /logout",
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "GET /docs",
    "GET /docs/oauth2-redirect",
    "GET /openapi.json",
    "GET /redoc",
}
OWNER = {
    "GET /users/{userid}",
    "GET /cart/items/{userid}",
    "GET /cart/items/total/{userid}",
    "GET /cart/total/{userid}",
    "POST /cart/item/add/{userid}",
    "POST /cart/item/modify/{userid}",
    "GET /cart/clear/{userid}",
    "POST /order/add/{userid}",
    "GET /order/{userid}",
}
BUYER = {"GET /orders/{order_id}"}
STAFF = {"GET /order/all"}


def app_of(shop: Shop, service: str = "gateway") -> FastAPI:
    line = shop.board.lines[BY_NAME[service].port]
    assert isinstance(line, Line | httpx.ASGITransport)
    assert isinstance(line.app, FastAPI)
    return line.app


async def started(shop: Shop, service: str = "gateway") -> FastAPI:
    """Its application, to be served by other means than the shop's own."""
    line = shop.board.lines[BY_NAME[service].port]
    assert isinstance(line, Line)
    await line.start()
    return line.app


def served(app: FastAPI) -> set[str]:
    """Every route. Of the two spellings of a POST, with a slash at the end and without, it is the
    one that is documented.
    """
    paths = app.openapi()["paths"]
    return {
        f"{method} {route.path}"
        for route in app.routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
        if method != "POST" or route.path in paths
    }


def posts(app: FastAPI) -> set[str]:
    """The paths of all POST routes, in both spellings."""
    return {
        route.path
        for route in app.routes
        if isinstance(route, Route) and "POST" in (route.methods or ())
    }
