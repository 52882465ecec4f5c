from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query
from opentelemetry import trace
from pydantic import BaseModel, Field, SecretStr

from services.payment.domain import Card, Entry
from services.payment.flows import Payments
from services.payment.store import Ledger
from shared.contracts.payment import Charge, Charges
from shared.errors import BadRequest
from shared.money import MOST, dollars
from shared.openapi import errors
from shared.secret import Secret

OrderId = Annotated[str, Path(min_length=1, max_length=64)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
After = Annotated[str, Query(max_length=64)]
Limit = Annotated[int, Query(ge=1, le=1000)]
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


def today() -> date:
    return datetime.now(UTC).date()


def routes(payments: Payments, ledger: Ledger, *, accept_expired: bool) -> APIRouter:
    router = APIRouter(tags=["payment"])

    @router.post("/charges", status_code=201, responses=errors(402, 409))
    async def charge_card(body: ChargeBody, key: Key) -> Charge:
        trace.get_current_span().set_attribute("acmeshop.order.id", body.order_id)
        if key != body.order_id:
            raise BadRequest(f"the Idempotency-Key of order {body.order_id} is its id, not {key}")
        card = body.card.card().accepted(today(), also_expired=accept_expired)
        entry = await payments.charge(body.order_id, body.user_id, body.amount_cents, card)
        return answer(entry)

    @router.get("/charges/{order_id}", responses=errors(404))
    async def read_charge(order_id: OrderId) -> Charge:
        trace.get_current_span().set_attribute("acmeshop.order.id", order_id)
        return answer(await payments.read(order_id))

    @router.post("/charges/{order_id}/void", responses=errors(404, 409))
    async def void_charge(order_id: OrderId) -> Charge:
        trace.get_current_span().set_attribute("acmeshop.order.id", order_id)
        return answer(await payments.void(order_id))

    @router.get("/charges")
    async def list_charges(after: After = "", limit: Limit = 100) -> Charges:
        """The whole ledger; the next page comes after the last order's id of this one."""
        return Charges(data=tuple(map(answer, await ledger.page(after, limit))))

    return router


def answer(entry: Entry) -> Charge:
    return Charge(
        order_id=entry.order_id,
        status=entry.state,
        amount=dollars(entry.amount),
        transaction_id=entry.transaction_id,
        reason=entry.reason,
    )
