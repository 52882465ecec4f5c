"""What payment answers over gRPC: shared/contracts/payment.proto. Imported where that is wanted."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from services.payment.routes.charging import ChargeBody, Charging, Id
from shared.contracts import payment_pb2 as pb
from shared.contracts.payment_messages import METHODS, message_of
from shared.contracts.payment_pb2_grpc import PaymentsServicer, add_PaymentsServicer_to_server
from shared.errors import BadRequest
from shared.grpc.interceptors import header_of
from shared.grpc.server import serve
from shared.http.peer import first_problem
from shared.runtime import Runtime

B = TypeVar("B", bound=BaseModel)
KEY = "idempotency-key"


class OrderBody(BaseModel):
    order_id: Id


class Servicer(PaymentsServicer):
    """Each method parses its message by the rules of HTTP's bodies, and answers what HTTP does."""

    def __init__(self, charging: Charging) -> None:
        self._charging = charging

    async def ChargeCard(self, request: pb.ChargeCardRequest, context: Any) -> pb.Charge:
        card = request.card
        body = parsed(
            ChargeBody,
            order_id=request.order_id,
            user_id=request.user_id,
            amount_cents=request.amount_cents,
            card={
                "number": card.number,
                "expMonth": card.exp_month,
                "expYear": card.exp_year,
                "ccv": card.ccv,
            },
        )
        key = header_of(context.invocation_metadata(), KEY)
        if not key:
            raise BadRequest(f"{KEY}: the metadata must have it")
        return message_of(await self._charging.charge(body, key))

    async def ReadCharge(self, request: pb.ReadChargeRequest, _context: Any) -> pb.Charge:
        body = parsed(OrderBody, order_id=request.order_id)
        return message_of(await self._charging.read(body.order_id))

    async def VoidCharge(self, request: pb.VoidChargeRequest, _context: Any) -> pb.Charge:
        body = parsed(OrderBody, order_id=request.order_id)
        return message_of(await self._charging.void(body.order_id))


def parsed(kind: type[B], **fields: Any) -> B:
    """Raises BadRequest, which names the field and never its value."""
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        raise BadRequest(first_problem(error)) from None


def serve_rpc(runtime: Runtime, port: int, charging: Charging) -> None:
    """Has the same answered on `port`, from the service's start to its end."""
    servicer = Servicer(charging)
    serve(runtime, port, METHODS, lambda server: add_PaymentsServicer_to_server(servicer, server))
