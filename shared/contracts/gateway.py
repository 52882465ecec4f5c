"""What only the gateway answers; the rest of its answers are those of the services behind it."""

from pydantic import Field

from shared.contracts.answer import Answer, Sum
from shared.contracts.cart import Item
from shared.contracts.users import Profile


class Login(Answer):
    """A new session; `token` is the user's id, as clients of the ACME demo expect."""

    token: str
    access_token: str = Field(repr=False)
    refresh_token: str = Field(repr=False)
    user: Profile


class Registered(Answer):
    userid: str
    resourceId: str
    message: str


class Message(Answer):
    message: str


class CartItems(Answer):
    userid: str
    cart: tuple[Item, ...]


class CartItemTotal(Answer):
    userid: str
    cartitemtotal: int


class CartTotal(Answer):
    userid: str
    carttotal: Sum
