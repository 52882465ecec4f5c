from fastapi import FastAPI

from services.catalog.routes import routes
from services.catalog.store import ProductStore, read_products
from shared.service import Runtime, create_service


def create_app(runtime: Runtime) -> FastAPI:
    products = read_products(runtime.settings.mocks)
    store = ProductStore(runtime.documents("products"), runtime.faults)
    runtime.starting(lambda: store.seed(products))
    return create_service("catalog", runtime, routes(store, runtime.point))
