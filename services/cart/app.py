from fastapi import FastAPI

from services.cart.clients import Products
from services.cart.routes import routes
from services.cart.store import CartStore
from shared.service import Runtime, create_service


def create_app(runtime: Runtime) -> FastAPI:
    store = CartStore(runtime.stores.redis())
    return create_service(
        "cart", runtime, routes(store, Products(runtime.peers.service("catalog", 0.5)))
    )
