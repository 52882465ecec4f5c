from fastapi import FastAPI

from services.shipping.clients import simulated
from services.shipping.clients.carrier import URL, Carrier
from services.shipping.flows import Dispatch, Fallback, Handover, Tracking, last_known, no_fallback
from services.shipping.routes import routes
from services.shipping.store import INDEXED, ShipmentStore
from shared.http import SimulatedSystem
from shared.service import Runtime, create_service
from shared.settings import ShippingSettings

# Less than the share of the total deadline that orders gives a question for the status.
WITHIN = 0.25


def create_app(runtime: Runtime[ShippingSettings]) -> FastAPI:
    stores, life = runtime.stores, runtime.life
    store = ShipmentStore(stores.documents("shipments", *INDEXED))
    life.starting(store.seed)
    books = simulated.SimulatedCarrier(stores.books("carrier", "parcels"))
    simulated_carrier = SimulatedSystem(books.answer, simulated.SECONDS)
    carrier = Carrier(runtime.peers.outside("carrier", URL, simulated_carrier, WITHIN))
    placed, dispatch = stores.stream("order.placed"), Dispatch(store, carrier)
    life.background(lambda: placed.consume("shipping", dispatch.ship))
    handover = Handover(store, carrier)
    life.every(runtime.settings.batch, handover.hand_over)
    none: Fallback = no_fallback
    tracking = Tracking(store, carrier, runtime.hooks.choose(none, fallback=last_known))
    return create_service("shipping", runtime, routes(store, tracking, handover))
