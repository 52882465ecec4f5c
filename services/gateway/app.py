from fastapi import FastAPI

from services.gateway.clients.account import Auth, Users
from services.gateway.clients.carts import Carts
from services.gateway.clients.journal import Articles, Suggestions
from services.gateway.clients.orders import Orders
from services.gateway.clients.products import Products
from services.gateway.routes import account, cart, index, journal, orders, products
from services.gateway.routes.callers import Callers
from services.gateway.routes.edge import Edge
from shared.pictures import pictures
from shared.service import Runtime, create_service
from shared.settings import GatewaySettings


def create_app(runtime: Runtime[GatewaySettings]) -> FastAPI:
    settings, peer = runtime.settings, runtime.peer
    auth = Auth(peer("auth"))
    callers = Callers(auth)
    return create_service(
        "gateway",
        runtime,
        index.routes(settings.public_urls["frontend"], settings.public_urls["lens"]),
        account.routes(callers, auth, Users(peer("users"))),
        products.routes(Products(peer("catalog"))),
        cart.routes(callers, Carts(peer("cart"))),
        orders.routes(callers, Orders(peer("orders"))),
        journal.routes(Articles(peer("articles")), Suggestions(peer("suggestions"))),
        pictures(settings.mocks / "pictures"),
        edge=lambda app, _: Edge(
            app, trusting=settings.trusts_baggage, secret=settings.chaos_token
        ),
    )
