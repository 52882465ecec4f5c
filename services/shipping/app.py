from fastapi import FastAPI

from services.shipping.clients import pretended
from services.shipping.clients.carrier import URL, Carrier
from services.shipping.flows import Dispatch, Tracking
from services.shipping.routes import routes
from services.shipping.store import ShipmentStore
from shared.http import Pretended
from shared.service import Runtime, create_service

# Less than the share of the total deadline that orders gives a question for the status.
WITHIN = 0.25


def create_app(runtime: Runtime) -> FastAPI:
    store = ShipmentStore(runtime.documents("shipments"))
    runtime.starting(store.seed)
    books = pretended.PretendedCarrier(runtime.books("carrier", "parcels"))
    system = Pretended(books.answer, pretended.SECONDS)
    carrier = Carrier(runtime.outside("carrier", URL, system, WITHIN))
    placed, dispatch = runtime.stream("order.placed"), Dispatch(store, carrier)
    runtime.background(lambda: placed.consume("shipping", dispatch.ship))
    tracking = Tracking(store, carrier, runtime.faults)
    return create_service("shipping", runtime, routes(store, tracking))
