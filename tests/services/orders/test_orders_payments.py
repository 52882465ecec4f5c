"""What orders does when payment does not answer: it voids again, and stays with its buyer."""

from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.orders.clients.payments import Card, HttpPayments
from services.orders.domain import RESERVED, Buyer, Line, Order, order_id
from services.orders.flows.checkout import Checkout, Settling, Wanted
from services.orders.store import INDEXED, OrderStore
from shared.contracts.payment import Charge
from shared.errors import Unreachable, UpstreamError
from shared.runtime import Runtime
from shared.settings import OrdersSettings
from shared.transport import Request, Response, Transport

VOIDED = {
    "order_id": "abc",
    "status": "voided",
    "amount": 0.0,
    "transaction_id": "",
    "reason": "",
}
WANTED = Wanted("ann", "a-key", Card({}), Buyer(), (Line("kettle", "Kettle", 1, 3595),))


class Answering(Transport):
    """Answers with these statuses, one after the other, and notes what it was sent."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.paths: list[str] = []

    async def handle_async_request(self, request: Request) -> Response:
        self.paths.append(request.url.path)
        return Response(self.statuses.pop(0), json=VOIDED, request=request)


async def test_a_void_is_retried_until_payment_confirms_it() -> None:
    payment = Answering(503, 503, 200)
    async with Runtime.open(
        OrdersSettings(), transport=payment, exporter=InMemorySpanExporter()
    ) as runtime:
        await HttpPayments(runtime.peers.service("payment")).void("abc")

    assert payment.paths == ["/charges/abc/void"] * 3


async def test_a_void_that_is_never_confirmed_fails() -> None:
    payment = Answering(503, 503, 503, 503)
    async with Runtime.open(
        OrdersSettings(), transport=payment, exporter=InMemorySpanExporter()
    ) as runtime:
        with pytest.raises(UpstreamError, match="payment answered 503"):
            await HttpPayments(runtime.peers.service("payment")).void("abc")

    assert len(payment.paths) == 3


class Silent:
    """A catalog that knows no prices, and a payment that cannot be reached."""

    async def prices(self, _ids: Any) -> dict[str, int]:
        return {}

    async def charge(self, _order: Order, _card: Card) -> Charge:
        raise Unreachable("payment could not be reached")


async def test_an_order_that_is_submitted_again_is_left_to_its_buyer_once_more(
    tmp_path: Path,
) -> None:
    now, others = [1000.0], Silent()
    anything: Any = others
    async with Runtime.open(
        OrdersSettings(data=tmp_path), exporter=InMemorySpanExporter()
    ) as runtime:
        store = OrderStore(runtime.stores.documents("orders", *INDEXED))
        settling = Settling(store, anything, anything, anything, lambda: now[0])
        checkout = Checkout(store, anything, anything, anything, settling, 30, lambda: now[0])
        touched = []
        for now[0] in (1000.0, 1059.0):
            with pytest.raises(UpstreamError, match="submit it again"):
                await checkout.place(WANTED)
            order = await store.read(order_id(WANTED.user_id, WANTED.key))
            assert order is not None
            assert order.state == RESERVED
            touched.append(order.touched_at)
            assert not order.is_due(now[0] + 59, wait=60)

    assert touched == [1000.0, 1059.0]
