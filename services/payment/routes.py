from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query
from fastapi.responses import JSONResponse
from opentelemetry import trace
from pydantic import BaseModel, Field, SecretStr

from services.payment.domain.card import Card
from services.payment.flows import Payments
from services.payment.store import Ledger
from shared.errors import BadRequest
from shared.money import MOST
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

    @router.post("/charges", status_code=201)
    async def charge_card(body: ChargeBody, key: Key) -> Any:
        trace.get_current_span().set_attribute("acmeshop.order.id", body.order_id)
        if key != body.order_id:
            raise BadRequest(f"the Idempotency-Key of order {body.order_id} is its id, not {key}")
        card = body.card.card().accepted(today(), also_expired=accept_expired)
        entry = await payments.charge(body.order_id, body.user_id, body.amount_cents, card)
        return JSONResponse(entry.answer(), 201)

    @router.get("/charges/{order_id}")
    async def read_charge(order_id: OrderId) -> Any:
        trace.get_current_span().set_attribute("acmeshop.order.id", order_id)
        return JSONResponse((await payments.read(order_id)).answer())

    @router.post("/charges/{order_id}/void")
    async def void_charge(order_id: OrderId) -> Any:
        trace.get_current_span().set_attribute("acmeshop.order.id", order_id)
        return JSONResponse((await payments.void(order_id)).answer())

    @router.get("/charges")
    async def list_charges(after: After = "", limit: Limit = 100) -> Any:
        """The whole ledger; the next page comes after the last order's id of this one."""
        return JSONResponse({"data": [one.answer() for one in await ledger.page(after, limit)]})

    return router
