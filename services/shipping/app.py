from fastapi import FastAPI

from services.shipping import domain
from services.shipping.clients import Carrier
from services.shipping.routes import routes
from services.shipping.store import ShipmentStore
from shared.http import Pretended
from shared.service import Runtime, create_service


def create_app(runtime: Runtime) -> FastAPI:
    store = ShipmentStore(runtime.documents("shipments"))
    runtime.starting(store.seed)
    pretended = Pretended(domain.carrier, domain.CARRIER_SECONDS)
    carrier = Carrier(runtime.outside("carrier", domain.CARRIER_URL, pretended))
    return create_service("shipping", runtime, routes(store, carrier))
