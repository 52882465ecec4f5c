"""What orders answers: placing orders, and reading them."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Header, Path, Query, Response
from opentelemetry import trace
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from services.orders.clients.payments import Card
from services.orders.domain import MOST_LINES, Buyer, Line, Order
from services.orders.flows.checkout import Checkout, Wanted
from services.orders.flows.statuses import Statuses
from services.orders.store import OrderStore
from shared.contracts import orders as contract
from shared.contracts.sent import Amount, LongText, Quantity, Text, ThingId
from shared.errors import NotFound
from shared.money import cents, dollars
from shared.openapi import errors
from shared.secret import Secret

UserId = Annotated[str, Path(min_length=1, max_length=64)]
Id = Annotated[str, Path(min_length=1, max_length=64)]
User = Annotated[str, Query(min_length=1, max_length=64)]
After = Annotated[str, Query(max_length=64)]
Limit = Annotated[int, Query(ge=1, le=1000)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", pattern=r"^[A-Za-z0-9_-]{8,64}$")]
PLACING = {
    200: {"description": "The same order was placed before", "model": contract.Receipt},
    **errors(402, 404, 409),
}


class Body(BaseModel):
    """As clients of the ACME demo send it: any number may come as text."""

    model_config = ConfigDict(coerce_numbers_to_str=True)


class AddressBody(Body):
    street: Text = ""
    city: Text = ""
    zip: Text = ""
    state: Text = ""
    country: Text = ""


class CardBody(Body):
    type: Text = ""
    number: Secret
    exp_month: Annotated[Secret, Field(alias="expMonth")]
    exp_year: Annotated[Secret, Field(alias="expYear")]
    ccv: Secret = SecretStr("")

    def card(self) -> Card:
        return Card(
            {
                "type": self.type,
                "number": self.number.get_secret_value(),
                "expMonth": self.exp_month.get_secret_value(),
                "expYear": self.exp_year.get_secret_value(),
                "ccv": self.ccv.get_secret_value(),
            }
        )


class LineBody(Body):
    id: ThingId
    description: LongText = ""
    quantity: Quantity = 1
    price: Amount | None = None

    def line(self) -> Line:
        price = None if self.price is None else cents(self.price)
        return Line(self.id, self.description, self.quantity, price)


class OrderBody(Body):
    firstname: Text = ""
    lastname: Text = ""
    address: AddressBody = AddressBody()
    email: Text = ""
    delivery: Text = ""
    card: CardBody
    cart: Annotated[list[LineBody], Field(max_length=MOST_LINES)] = []
    total: Amount | None = None

    def wanted(self, user_id: str, key: str) -> Wanted:
        """Raises BadRequest when a price or the total is no amount of money."""
        address = self.address.model_dump()
        return Wanted(
            user_id,
            key,
            self.card.card(),
            Buyer(self.firstname, self.lastname, address, self.email, self.delivery),
            tuple(line.line() for line in self.cart),
            None if self.total is None else cents(self.total),
        )


def routes(store: OrderStore, statuses: Statuses, checkout: Checkout) -> APIRouter:
    router = APIRouter(tags=["orders"])

    @router.post("/users/{user_id}/orders", status_code=201, responses=PLACING)
    async def place_order(
        user_id: UserId, body: OrderBody, response: Response, key: Key = None
    ) -> contract.Receipt:
        """Without a key it is an order of its own, and cannot be submitted again."""
        order, first = await checkout.place(body.wanted(user_id, key or uuid4().hex))
        response.status_code = 201 if first else 200
        return receipt(order)

    @router.get("/order/{order_id}", response_model_exclude_unset=True, responses=errors(404))
    async def read_order(order_id: Id, user: User) -> contract.Order:
        trace.get_current_span().set_attribute("acmeshop.order.id", order_id)
        order = await store.read(order_id)
        if order is None or not order.is_open_to(user):
            raise NotFound(f"no order {order_id}")
        return answer(order, await statuses.of(order))

    @router.get("/users/{user_id}/orders", response_model_exclude_unset=True)
    async def list_orders(user_id: UserId) -> contract.Orders:
        return await answers(await store.of_user(user_id))

    @router.get("/orders", response_model_exclude_unset=True)
    async def list_all_orders(after: After = "", limit: Limit = 100) -> contract.Orders:
        """Everybody's orders, for the staff; the next page comes after the last id of this one."""
        return await answers(await store.page(after, limit))

    async def answers(orders: list[Order]) -> contract.Orders:
        both = zip(orders, await statuses.of_all(orders), strict=True)
        return contract.Orders(data=tuple(answer(order, status) for order, status in both))

    return router


def answer(order: Order, status: str) -> contract.Order:
    """What a buyer reads; the guest's orders, which nobody ever placed, have no details."""
    total = dollars(order.total)
    if not order.lines:
        return contract.Order(id=order.id, status=status, totalPrice=total, userid=order.user_id)
    return contract.Order(
        id=order.id,
        status=status,
        totalPrice=total,
        userid=order.user_id,
        placedAt=order.placed_at,
        items=tuple(map(item, order.lines)),
        firstname=order.buyer.firstname,
        lastname=order.buyer.lastname,
        address=contract.Address(**order.buyer.address),
        delivery=order.buyer.delivery,
    )


def item(line: Line) -> contract.OrderItem:
    return contract.OrderItem(
        id=line.id,
        description=line.description,
        quantity=line.quantity,
        price=dollars(line.price or 0),
    )


def receipt(order: Order) -> contract.Receipt:
    """The acknowledgement of an order, the same however often it is submitted."""
    payment = contract.ReceivedPayment(
        success=True,
        status="200",
        message="transaction successful",
        amount=dollars(order.total),
        transactionID=order.transaction_id,
    )
    return contract.Receipt(userid=order.user_id, order_id=order.id, payment=payment)
