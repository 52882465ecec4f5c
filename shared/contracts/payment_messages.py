"""The messages of payment.proto, as the contract of HTTP has them: money in dollars there, in cents
here, and a state that is an enumeration.
"""

from pydantic import ValidationError

from shared.contracts import payment_pb2 as pb
from shared.contracts.payment import Charge
from shared.errors import UpstreamError
from shared.grpc.methods import methods_of
from shared.money import cents, dollars

METHODS = methods_of(pb.DESCRIPTOR.services_by_name["Payments"])
PREFIX = "CHARGE_STATE_"


def message_of(charge: Charge) -> pb.Charge:
    return pb.Charge(
        order_id=charge.order_id,
        state=f"{PREFIX}{charge.status.upper()}",
        amount_cents=cents(charge.amount),
        transaction_id=charge.transaction_id,
        reason=charge.reason,
    )


def charge_of(message: pb.Charge) -> Charge:
    """Raises UpstreamError for a state that is not known here, as from a newer payment."""
    try:
        return Charge.model_validate(
            {
                "order_id": message.order_id,
                "status": pb.ChargeState.Name(message.state).removeprefix(PREFIX).lower(),
                "amount": dollars(message.amount_cents),
                "transaction_id": message.transaction_id,
                "reason": message.reason,
            }
        )
    except (ValidationError, ValueError):
        raise UpstreamError(
            f"payment answered a charge in an unknown state, {message.state}"
        ) from None
