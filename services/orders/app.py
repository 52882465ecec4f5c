from fastapi import FastAPI

from services.orders.clients import Announcements, Carts, Payments, Products, Shipping
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
    payments = Payments(runtime.peers.service("payment", PAYMENT, Breaker()))
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
