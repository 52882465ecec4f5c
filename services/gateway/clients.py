"""The services behind the gateway, and the only parts of them it knows."""

import json
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from services.gateway.domain import User
from shared.contracts import articles, catalog, orders
from shared.contracts.auth import Caller, LoggedOut, Session
from shared.contracts.cart import Cart
from shared.contracts.suggestions import SuggestedIds
from shared.contracts.users import Profile
from shared.errors import Unavailable, Unreachable, UpstreamError
from shared.http import Peer

T = TypeVar("T")
UNDECIDED = frozenset({502, 503, 504})


class Auth:
    """Sessions. Each method raises Unavailable when auth fails."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def user(self, token: str) -> User:
        """Whose token this is; the guest without one. Raises Unauthorized when it has ended."""
        caller = await self._answer(self._peer.get("/auth", Caller, headers=bearer(token)))
        return User(caller.id, caller.role, caller.tier)

    async def log_in(self, username: str, password: str) -> Session:
        body = {"username": username, "password": password}
        return await self._answer(self._peer.post("/login", Session, body))

    async def refresh(self, refresh_token: str) -> Session:
        """A new session, for the refresh token of an earlier one."""
        body = {"refresh_token": refresh_token}
        return await self._answer(self._peer.post("/refresh", Session, body))

    async def log_out(self, token: str, refresh_token: str | None) -> None:
        body, headers = {"refresh_token": refresh_token}, bearer(token)
        await self._answer(self._peer.post("/logout", LoggedOut, body, headers=headers))

    async def _answer(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except UpstreamError as error:
            raise Unavailable("Auth Service gave an error") from error


class Users:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def read(self, user_id: str) -> Profile:
        return await self._peer.get("/users/{user_id}", Profile, user_id=user_id)

    async def register(self, person: Mapping[str, str]) -> str:
        """The new user's id; raises Conflict when somebody has this username."""
        return (await self._peer.post("/users", Profile, dict(person))).id


class Products:
    """The catalog."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def all(self, query: Mapping[str, str]) -> catalog.Products:
        """All products, or those with the words `q`, the `tag`, or the `ids`."""
        return await self._peer.get("/products", catalog.Products, query=query)

    async def read(self, product_id: str) -> catalog.OneProduct:
        path = "/products/{product_id}"
        return await self._peer.get(path, catalog.OneProduct, product_id=product_id)

    async def tags(self) -> catalog.Tags:
        return await self._peer.get("/tags", catalog.Tags)


class Carts:
    """Each method returns the cart as it is then."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def of(self, user_id: str) -> Cart:
        return await self._peer.get("/carts/{user_id}", Cart, user_id=user_id)

    async def add(self, user_id: str, item: Mapping[str, Any]) -> Cart:
        """Puts so many more of it into the cart."""
        return await self._peer.post("/carts/{user_id}/items", Cart, dict(item), user_id=user_id)

    async def change(self, user_id: str, itemid: str, quantity: int) -> Cart:
        """Makes it so many of what is in the cart; 0 takes it out."""
        path, body = "/carts/{user_id}/items/{itemid}", {"quantity": quantity}
        return await self._peer.post(path, Cart, body, user_id=user_id, itemid=itemid)

    async def clear(self, user_id: str) -> Cart:
        return await self._peer.post("/carts/{user_id}/clear", Cart, {}, user_id=user_id)


@dataclass(frozen=True)
class Placed:
    """What orders acknowledged; `first` unless this very order was placed before."""

    first: bool
    receipt: orders.Receipt


class Orders:
    """Each method raises Unavailable when orders cannot be reached."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def read(self, order_id: str, user_id: str) -> orders.Order:
        """The order, if it is the user's."""
        path, query = "/order/{order_id}", {"user": user_id}
        call = self._peer.get(path, orders.Order, query=query, order_id=order_id)
        return await self._answer(call)

    async def of(self, user_id: str) -> orders.Orders:
        """The user's orders, newest first."""
        path = "/users/{user_id}/orders"
        return await self._answer(self._peer.get(path, orders.Orders, user_id=user_id))

    async def all(self, after: str, limit: int) -> orders.Orders:
        """Everybody's orders, so many of those that come after one id."""
        query = {"after": after, "limit": str(limit)}
        return await self._answer(self._peer.get("/orders", orders.Orders, query=query))

    async def place(self, user_id: str, order: Mapping[str, Any], key: str) -> Placed:
        """Places the order that has this key, once however often it is submitted."""
        path, headers = "/users/{user_id}/orders", {"idempotency-key": key}
        body, values = json.dumps(order).encode(), {"user_id": user_id}
        call = self._peer.call("POST", path, orders.Receipt, values, body=body, headers=headers)
        try:
            status, receipt = await self._answer(call)
        except UpstreamError as error:
            if error.answered not in UNDECIDED or not error.detail:
                raise
            # Whether it stands is not known yet: what to do now is said by orders alone.
            raise Unavailable(error.detail) from error
        return Placed(status == 201, receipt)

    async def _answer(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except Unreachable as error:
            raise Unavailable("Error contacting Orders service") from error


class Articles:
    """The shop's journal."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def all(self, with_suggested: bool) -> articles.Articles:
        query = {"with_suggested": "1"} if with_suggested else None
        return await self._peer.get("/articles/v1/", articles.Articles, query=query)

    async def read(self, article_id: str) -> articles.Article:
        path = "/articles/v1/{article_id}"
        return await self._peer.get(path, articles.Article, article_id=article_id)


class Suggestions:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def of(self, thing_id: str) -> SuggestedIds:
        """The ids of what goes with an article or a product."""
        path = "/suggestions/v1/{thing_id}"
        return await self._peer.get(path, SuggestedIds, thing_id=thing_id)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"} if token else {}
