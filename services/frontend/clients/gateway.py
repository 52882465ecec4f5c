"""The gateway, as a browser's shop knows it. Who asks is told by the token, never by an id."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from services.frontend.domain.goods import Cart, Product
from services.frontend.domain.journal import Article
from services.frontend.domain.orders import Order
from services.frontend.domain.people import User
from shared.errors import DeadlineExceeded, ShopError, Unavailable, UpstreamError
from shared.http import Peer

T = TypeVar("T")
# What the gateway says of services behind it is passed on as it is.
SAME: dict[int, type[ShopError]] = {503: Unavailable, 504: DeadlineExceeded}


@dataclass(frozen=True)
class Login:
    """Who has come in, and the token that says so from now on."""

    user: User
    token: str


class Gateway:
    """Each method raises the ShopError that the gateway's answer means."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def products(self, **query: str) -> tuple[Product, ...]:
        """All, or those with the words `q`, the `tag`, or the `ids`."""
        asked = {key: value for key, value in query.items() if value}
        told = await answer(self._peer.get("/products", dict, query=asked))
        return tuple(map(Product.of, told["data"]))

    async def product(self, product_id: str) -> Product:
        told = await answer(self._peer.get("/products/{product_id}", dict, product_id=product_id))
        return Product.of(told["data"])

    async def tags(self) -> tuple[str, ...]:
        told = await answer(self._peer.get("/tags", dict))
        return tuple(str(tag["name"]) for tag in told["data"])

    async def suggestions(self, item_id: str) -> tuple[str, ...]:
        """The ids of what goes well with a product or an article."""
        told = await answer(self._peer.get("/suggestions/v1/{item_id}", list, item_id=item_id))
        return tuple(map(str, told))

    async def articles(self, *, with_suggested: bool = False) -> tuple[Article, ...]:
        query = {"with_suggested": "1"} if with_suggested else None
        told = await answer(self._peer.get("/articles/v1/", dict, query=query))
        return tuple(map(Article.of, told["articles"]))

    async def article(self, article_id: str) -> Article:
        path = "/articles/v1/{article_id}"
        return Article.of(await answer(self._peer.get(path, dict, article_id=article_id)))

    async def login(self, username: str, password: str) -> Login:
        body = {"username": username, "password": password}
        told = await answer(self._peer.post("/login/", dict, body))
        user: Mapping[str, Any] = told["user"]
        who = User(str(user["id"]), str(user["username"]), str(user["firstname"]))
        return Login(who, str(told["access_token"]))

    async def register(self, person: Mapping[str, str]) -> None:
        await answer(self._peer.post("/register", dict, person))

    async def logout(self, token: str) -> None:
        await answer(self._peer.post("/logout", dict, {}, headers=bearer(token)))

    async def cart(self, user: User, token: str) -> Cart:
        path = "/cart/items/{user_id}"
        return Cart.of(
            await answer(self._peer.get(path, dict, headers=bearer(token), user_id=user.id))
        )

    async def add(self, user: User, token: str, product_id: str, quantity: int) -> None:
        """Puts so many more of a product into the cart."""
        path, item = "/cart/item/add/{user_id}", {"itemid": product_id, "quantity": quantity}
        await answer(self._peer.post(path, dict, item, headers=bearer(token), user_id=user.id))

    async def change(self, user: User, token: str, item_id: str, quantity: int) -> None:
        """Makes it so many of a thing in the cart; none takes it out."""
        path, item = "/cart/item/modify/{user_id}", {"itemid": item_id, "quantity": quantity}
        await answer(self._peer.post(path, dict, item, headers=bearer(token), user_id=user.id))

    async def buy(self, user: User, token: str, order: Mapping[str, Any], key: str) -> str:
        """Orders what is in the cart, once for each key; gives the order's id."""
        headers = {**bearer(token), "idempotency-key": key}
        path = "/order/add/{user_id}"
        told = await answer(self._peer.post(path, dict, order, headers=headers, user_id=user.id))
        return str(told["order_id"])

    async def orders(self, user: User, token: str) -> tuple[Order, ...]:
        """The user's orders, newest first."""
        path = "/order/{user_id}"
        told = await answer(self._peer.get(path, dict, headers=bearer(token), user_id=user.id))
        return tuple(map(Order.of, told["data"]))

    async def order(self, token: str, order_id: str) -> Order:
        """One order; without a token it is one of the guest's."""
        path = "/orders/{order_id}"
        told = await answer(self._peer.get(path, dict, headers=bearer(token), order_id=order_id))
        return Order.of(told)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"} if token else {}


async def answer(call: Awaitable[T]) -> T:
    try:
        return await call
    except UpstreamError as error:
        if error.answered is None:
            raise
        meaning = SAME.get(error.answered, UpstreamError)
        raise meaning(error.detail or str(error)) from error
