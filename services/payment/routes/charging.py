"""What is asked of payment and what it answers, whichever protocol carries it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

from opentelemetry import trace
from pydantic import BaseModel, Field, SecretStr

from services.payment.domain import Card, Entry
from services.payment.flows import Payments
from shared.contracts.payment import Charge
from shared.errors import BadRequest
from shared.money import MOST, dollars
from shared.secret import Secret

Id = Annotated[str, Field(min_length=1, max_length=64)]


class CardBody(BaseModel):
    number: Secret
    exp_month: Annotated[Secret, Field(alias="expMonth")]
    exp_year: Annotated[Secret, Field(alias="expYear")]
    ccv: Secret = SecretStr("")

    def card(self) -> Card:
        return Card(
            self.number.get_secret_value(),
            self.exp_month.get_secret_value(),
            self.exp_year.get_secret_value(),
            self.ccv.get_secret_value(),
        )


class ChargeBody(BaseModel):
    order_id: Id
    user_id: Id
    amount_cents: Annotated[int, Field(ge=1, le=MOST)]
    card: CardBody


@dataclass(frozen=True)
class Charging:
    """Charges, reads and voids. `key` is the Idempotency-Key of the request."""

    payments: Payments
    accept_expired: bool

    async def charge(self, body: ChargeBody, key: str) -> Charge:
        about(body.order_id)
        if key != body.order_id:
            raise BadRequest(f"the Idempotency-Key of order {body.order_id} is its id, not {key}")
        card = body.card.card().accepted(today(), also_expired=self.accept_expired)
        entry = await self.payments.charge(body.order_id, body.user_id, body.amount_cents, card)
        return answer(entry)

    async def read(self, order_id: str) -> Charge:
        about(order_id)
        return answer(await self.payments.read(order_id))

    async def void(self, order_id: str) -> Charge:
        about(order_id)
        return answer(await self.payments.void(order_id))


def about(order_id: str) -> None:
    trace.get_current_span().set_attribute("acmeshop.order.id", order_id)


def today() -> date:
    return datetime.now(UTC).date()


def answer(entry: Entry) -> Charge:
    return Charge(
        order_id=entry.order_id,
        status=entry.state,
        amount=dollars(entry.amount),
        transaction_id=entry.transaction_id,
        reason=entry.reason,
    )
