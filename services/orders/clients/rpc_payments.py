"""How payment is called over gRPC. Imported where that is wanted."""

from services.orders.clients.payments import ATTEMPTS, Card
from services.orders.domain import Order
from shared.contracts import payment_pb2 as pb
from shared.contracts.payment import Charge
from shared.contracts.payment_messages import METHODS, charge_of
from shared.errors import NotFound
from shared.grpc.peer import RpcPeer


class RpcPayments:
    """Payment over gRPC."""

    def __init__(self, peer: RpcPeer) -> None:
        self._peer = peer

    async def charge(self, order: Order, card: Card) -> Charge:
        request = pb.ChargeCardRequest(
            order_id=order.id,
            user_id=order.user_id,
            amount_cents=order.total,
            card=pb.Card(
                number=card.details["number"],
                exp_month=card.details["expMonth"],
                exp_year=card.details["expYear"],
                ccv=card.details["ccv"],
            ),
        )
        headers = {"idempotency-key": order.id}
        method = METHODS["ChargeCard"]
        answer = await self._peer.call(
            method, request, pb.Charge, headers=headers, attempts=ATTEMPTS
        )
        return charge_of(answer)

    async def of(self, order_id: str) -> Charge | None:
        request = pb.ReadChargeRequest(order_id=order_id)
        try:
            return charge_of(await self._peer.call(METHODS["ReadCharge"], request, pb.Charge))
        except NotFound:
            return None

    async def void(self, order_id: str) -> None:
        request = pb.VoidChargeRequest(order_id=order_id)
        await self._peer.call(METHODS["VoidCharge"], request, pb.Charge, attempts=ATTEMPTS)
