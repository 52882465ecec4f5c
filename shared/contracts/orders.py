from typing import Annotated

from pydantic import Field

from shared.contracts.answer import Answer, Price, Sum


class OrderItem(Answer):
    """So many of one thing, at the price of each."""

    id: str
    description: str
    quantity: int
    price: Price


class Address(Answer):
    street: str = ""
    city: str = ""
    zip: str = ""
    state: str = ""
    country: str = ""


class Order(Answer):
    """An order with its status; the guest's orders, which nobody ever placed, end with `userid`."""

    id: str
    status: str
    totalPrice: Sum
    userid: str
    placedAt: str = ""
    items: tuple[OrderItem, ...] = ()
    firstname: str = ""
    lastname: str = ""
    address: Address = Address()
    delivery: str = ""


class Orders(Answer):
    data: tuple[Order, ...]


class ReceivedPayment(Answer):
    success: bool
    status: str
    message: str
    amount: Sum
    transactionID: str


class Receipt(Answer):
    """The acknowledgement of an order, the same however often it is requested."""

    userid: str
    order_id: str
    payment: ReceivedPayment


class OrderPlaced(Answer):
    """An event of the stream order.placed; `placed_at` is RFC 3339."""

    order_id: Annotated[str, Field(min_length=1, max_length=64)]
    user_id: str = ""
    total_cents: int = 0
    placed_at: str = ""
