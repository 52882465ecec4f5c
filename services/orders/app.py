from fastapi import FastAPI

from services.orders.clients.payments import HttpPayments, Payments
from services.orders.clients.services import Announcements, Carts, Products, Shipping
from services.orders.flows.checkout import Checkout, Settling
from services.orders.flows.recovery import Recovery
from services.orders.flows.statuses import Statuses
from services.orders.routes import routes
from services.orders.store import INDEXED, OrderStore
from shared.http import Breaker
from shared.service import Runtime, create_service
from shared.settings import OrdersSettings

# What each step of a checkout may take of the total deadline: all of them together end before it.
CHECKOUT = 0.9
CART, CATALOG, PAYMENT, STREAM = 0.1, 0.1, 0.2, 0.1
STATUS = 0.5


def create_app(runtime: Runtime[OrdersSettings]) -> FastAPI:
    settings = runtime.settings
    store = OrderStore(runtime.stores.documents("orders", *INDEXED))
    runtime.life.starting(store.seed)
    carts, products = (
        Carts(runtime.peers.service("cart", CART)),
        Products(runtime.peers.service("catalog", CATALOG)),
    )
    payments = payments_of(runtime)
    shipping = Shipping(runtime.peers.service("shipping", STATUS))
    placed = Announcements(runtime.stores.stream("order.placed"), settings.timeout * STREAM)
    settling = Settling(store, payments, placed, carts)
    within = settings.timeout * CHECKOUT
    checkout = Checkout(store, carts, products, payments, settling, within)
    wait, patience = settings.recovery, settings.patience
    recovery = Recovery(store, payments, shipping, placed, settling, wait, patience)
    runtime.life.every(wait, recovery.settle_orders)
    runtime.life.every(wait, recovery.follow_shipments)
    return create_service("orders", runtime, routes(store, Statuses(shipping), checkout))


def payments_of(runtime: Runtime[OrdersSettings]) -> Payments:
    """Payment, over the protocol of the settings; everything around a call is the same in both."""
    settings = runtime.settings
    if settings.internal == "http":
        return HttpPayments(runtime.peers.service("payment", PAYMENT, Breaker()))
    # Only where it is wanted: grpcio takes memory and time.
    from services.orders.clients.rpc_payments import RpcPayments  # noqa: PLC0415
    from shared.grpc.client import rpc_peer  # noqa: PLC0415

    url = settings.payment_grpc_url
    return RpcPayments(rpc_peer(runtime, "payment", url, PAYMENT, Breaker()))
