"""The gateway, as a browser's shop knows it. The token says who is calling, never an id."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from services.frontend.domain.shop import Article, Cart, Order, Product
from services.frontend.domain.visitor import User
from shared.contracts import articles, catalog, gateway, orders
from shared.contracts.suggestions import SuggestedIds
from shared.edge import CLIENT
from shared.errors import DeadlineExceeded, ShopError, TooManyRequests, Unavailable, UpstreamError
from shared.http import Peer

T = TypeVar("T")
# What the gateway says about the services behind it is passed on as it is.
SAME: dict[int, type[ShopError]] = {
    429: TooManyRequests,
    503: Unavailable,
    504: DeadlineExceeded,
}


@dataclass(frozen=True)
class Login:
    """Who has logged in, and the token that says so from now on."""

    user: User
    token: str


class Gateway:
    """Each method raises the ShopError that the gateway's answer means."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def products(self, **query: str) -> tuple[Product, ...]:
        """All, or those with the words `q`, the `tag`, or the `ids`."""
        given = {key: value for key, value in query.items() if value}
        found = await answer(self._peer.get("/products", catalog.Products, query=given))
        return tuple(map(Product.of, found.data))

    async def product(self, product_id: str) -> Product:
        path = "/products/{product_id}"
        found = await answer(self._peer.get(path, catalog.OneProduct, product_id=product_id))
        return Product.of(found.data)

    async def tags(self) -> tuple[str, ...]:
        found = await answer(self._peer.get("/tags", catalog.Tags))
        return tuple(tag.name for tag in found.data)

    async def suggestions(self, item_id: str) -> tuple[str, ...]:
        """The ids of what goes well with a product or an article."""
        path = "/suggestions/v1/{item_id}"
        return (await answer(self._peer.get(path, SuggestedIds, item_id=item_id))).root

    async def articles(self, *, with_suggested: bool = False) -> tuple[Article, ...]:
        query = {"with_suggested": "1"} if with_suggested else None
        found = await answer(self._peer.get("/articles/v1/", articles.Articles, query=query))
        return tuple(map(Article.of, found.articles))

    async def article(self, article_id: str) -> Article:
        path = "/articles/v1/{article_id}"
        found = await answer(self._peer.get(path, articles.Article, article_id=article_id))
        return Article.of(found)

    async def login(self, username: str, password: str, address: str) -> Login:
        """For somebody at this address, where the gateway lets nobody fail too often."""
        body, headers = {"username": username, "password": password}, {CLIENT: address}
        login = await answer(self._peer.post("/login/", gateway.Login, body, headers=headers))
        user = User(login.user.id, login.user.username, login.user.firstname)
        return Login(user, login.access_token)

    async def register(self, person: Mapping[str, str]) -> None:
        await answer(self._peer.post("/register", gateway.Registered, person))

    async def logout(self, token: str) -> None:
        await answer(self._peer.post("/logout", gateway.Message, {}, headers=bearer(token)))

    async def cart(self, user: User, token: str) -> Cart:
        path, headers = "/cart/items/{user_id}", bearer(token)
        call = self._peer.get(path, gateway.CartItems, headers=headers, user_id=user.id)
        return Cart.of(await answer(call))

    async def add(self, user: User, token: str, product_id: str, quantity: int) -> Cart:
        """Puts so many more of a product into the cart; gives the cart as it is then."""
        item = {"itemid": product_id, "quantity": quantity}
        return await self._change_cart("/cart/item/add/{user_id}", user, token, item)

    async def change(self, user: User, token: str, item_id: str, quantity: int) -> Cart:
        """Makes it so many of a thing in the cart; none takes it out."""
        item = {"itemid": item_id, "quantity": quantity}
        return await self._change_cart("/cart/item/modify/{user_id}", user, token, item)

    async def _change_cart(
        self, path: str, user: User, token: str, item: Mapping[str, Any]
    ) -> Cart:
        headers = bearer(token)
        call = self._peer.post(path, gateway.CartItems, item, headers=headers, user_id=user.id)
        return Cart.of(await answer(call))

    async def buy(self, user: User, token: str, order: Mapping[str, Any], key: str) -> str:
        """Orders what is in the cart, once for each key; returns the order's id."""
        path, headers = "/order/add/{user_id}", {**bearer(token), "idempotency-key": key}
        call = self._peer.post(path, orders.Receipt, order, headers=headers, user_id=user.id)
        return (await answer(call)).order_id

    async def orders(self, user: User, token: str) -> tuple[Order, ...]:
        """The user's orders, newest first."""
        path, headers = "/order/{user_id}", bearer(token)
        call = self._peer.get(path, orders.Orders, headers=headers, user_id=user.id)
        return tuple(map(Order.of, (await answer(call)).data))

    async def order(self, token: str, order_id: str) -> Order:
        """One order; without a token it is one of the guest's."""
        path, headers = "/orders/{order_id}", bearer(token)
        call = self._peer.get(path, orders.Order, headers=headers, order_id=order_id)
        return Order.of(await answer(call))


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
