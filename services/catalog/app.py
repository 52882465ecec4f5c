from fastapi import FastAPI

from services.catalog.domain import Product
from services.catalog.routes import routes
from services.catalog.store import Batch, OneByOne, ProductStore, Reading, read_products
from shared.service import Runtime, create_service
from shared.single_flight import EachItsOwn, Sharing, SingleFlight


def create_app(runtime: Runtime) -> FastAPI:
    products, hooks = read_products(runtime.settings.mocks), runtime.hooks
    documents = runtime.stores.documents("products")
    batch: Reading = Batch(documents)
    flight: Sharing[list[Product]] = SingleFlight(hooks.share_key)
    store = ProductStore(
        documents,
        reading=hooks.choose(batch, n_plus_one=OneByOne(documents)),
        sharing=hooks.choose(flight, no_single_flight=EachItsOwn()),
    )
    runtime.life.starting(lambda: store.seed(products))
    return create_service("catalog", runtime, routes(store, hooks.point))
