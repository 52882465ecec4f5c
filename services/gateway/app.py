from fastapi import FastAPI

from services.gateway.clients import Articles, Auth, Carts, Orders, Products, Suggestions, Users
from services.gateway.flows import Logins
from services.gateway.routes import api
from services.gateway.routes.callers import COOKIE, Callers
from services.gateway.routes.edge import Edge
from shared.pictures import pictures
from shared.service import Runtime, create_service
from shared.settings import GatewaySettings


def create_app(runtime: Runtime[GatewaySettings]) -> FastAPI:
    settings, peer = runtime.settings, runtime.peers.service
    auth = Auth(peer("auth"))
    callers = Callers(auth)
    app = create_service(
        "gateway",
        runtime,
        api.index_routes(settings.public_urls["frontend"], settings.public_urls["lens"]),
        api.account_routes(callers, auth, Logins(auth), Users(peer("users"))),
        api.product_routes(Products(peer("catalog"))),
        api.cart_routes(callers, Carts(peer("cart"))),
        api.order_routes(callers, Orders(peer("orders"))),
        api.journal_routes(Articles(peer("articles")), Suggestions(peer("suggestions"))),
        pictures(settings.mocks / "pictures"),
        edge=lambda app, _: Edge(
            app, trusting=settings.trusts_baggage, secret=settings.chaos_token
        ),
    )
    cookie = {"type": "apiKey", "in": "cookie", "name": COOKIE}
    app.security_schemes = {**app.security_schemes, "cookie": cookie}
    return app
