from fastapi import FastAPI

from services.orders.clients import Shipping
from services.orders.routes import routes
from services.orders.store import OrderStore
from shared.service import Runtime, create_service


def create_app(runtime: Runtime) -> FastAPI:
    store = OrderStore(runtime.documents("orders"))
    runtime.starting(store.seed)
    return create_service("orders", runtime, routes(store, Shipping(runtime.peer("shipping"))))
