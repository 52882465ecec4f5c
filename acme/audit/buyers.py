"""Buyers who check out again and again, and try each order again until it is answered."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp

PASSWORD = "audit-password"  # noqa: S105 - of users that live as long as an audit
GOOD, REFUSED = "4111111111111111", "4000000000000002"
ONE_CALL = aiohttp.ClientTimeout(total=10)
TRIES = 60
LONGEST_PAUSE = 1.0
CITY = {"city": "Springfield", "zip": "12345", "state": "OR", "country": "US"}


@dataclass
class Answers:
    """What the buyers were answered: order ids by the mark on each order that was acknowledged,
    marks of those refused or given up, and how often each answer came.
    """

    orders: dict[str, set[str]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    given_up: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def settled(self) -> int:
        return len(self.orders) + len(self.refused) + len(self.given_up)


class Buyers:
    """So many buyers at a time, who place `orders` orders between them; chance has one `seed`.

    Every other order is of what lies in the buyer's cart, the others say themselves what they are
    of. One in twenty is paid with a card that the bank refuses, and one in ten is submitted once
    more after it was acknowledged, as by an impatient second click.
    """

    def __init__(self, gateway: str, orders: int, buyers: int, seed: int) -> None:
        self.answers = Answers()
        self._gateway, self._count = gateway, buyers
        self._marks = iter(f"{seed}-{number:06}" for number in range(orders))
        self._seed = seed

    async def shop(self) -> Answers:
        async with asyncio.TaskGroup() as group:
            for number in range(self._count):
                group.create_task(self._buy(number))
        return self.answers

    async def _buy(self, number: int) -> None:
        chance = random.Random(f"{self._seed}/{number}")  # noqa: S311 - repeatable
        jar = aiohttp.CookieJar(unsafe=True)  # the gateway's host is an address, not a name
        async with aiohttp.ClientSession(
            self._gateway, timeout=ONE_CALL, cookie_jar=jar
        ) as session:
            buyer = Buyer(session, chance, self.answers)
            user = await buyer.sign_in(f"audit-{number}")
            products = await buyer.products()
            for mark in self._marks:
                await buyer.order(user, mark, products)


class Buyer:
    def __init__(
        self, session: aiohttp.ClientSession, chance: random.Random, answers: Answers
    ) -> None:
        self._session, self._chance, self._answers = session, chance, answers

    async def sign_in(self, username: str) -> str:
        """Registers and logs in; returns the user's id."""
        credentials = {"username": username, "password": PASSWORD}
        person = {"firstname": "Audit", "lastname": "Buyer", "email": "audit@example.com"}
        await self._until("POST", "/register", {**credentials, **person})
        _, body = await self._until("POST", "/login/", credentials)
        return str(body["token"])

    async def products(self) -> list[dict[str, Any]]:
        _, body = await self._until("GET", "/products", None)
        return list(body["data"])

    async def order(self, user: str, mark: str, products: list[dict[str, Any]]) -> None:
        """Submits one order until it is acknowledged or refused, under one key; under a new one
        only when the shop says that it has cancelled the first.
        """
        chance = random.Random(mark)  # noqa: S311 - its own, however often others had to try
        refused, twice = chance.random() < 0.05, chance.random() < 0.1
        basket = chance.sample(products, chance.randint(1, 3))
        body = order_body(mark, basket, REFUSED if refused else GOOD)
        if chance.random() < 0.5:
            await self._fill_cart(user, basket)
            body |= {"cart": []}  # and no `total`: to put something in once more may double it
            del body["total"]
        for number in range(TRIES):
            key = f"audit-{mark}-{number}"
            try:
                status, answer = await self._submit(user, body, key)
                if status == HTTPStatus.CREATED and twice:
                    status, again = await self._submit(user, body, key)
                    self._answers.orders.setdefault(mark, set()).add(again["order_id"])
            except TimeoutError:
                self._answers.given_up.add(mark)
                return
            if status != HTTPStatus.CONFLICT:
                break
        if status == HTTPStatus.PAYMENT_REQUIRED:
            self._answers.refused.add(mark)
        elif status < HTTPStatus.BAD_REQUEST:
            self._answers.orders.setdefault(mark, set()).add(answer["order_id"])
        else:
            raise ValueError(f"order {mark} was answered with {status}: {answer}")

    async def _submit(self, user: str, body: Any, key: str) -> tuple[int, Any]:
        return await self._until("POST", f"/order/add/{user}", body, key)

    async def _fill_cart(self, user: str, basket: list[dict[str, Any]]) -> None:
        await self._until("GET", f"/cart/clear/{user}", None)
        for item in basket:
            wanted = {"itemid": item["id"], "quantity": "1"}
            await self._until("POST", f"/cart/item/add/{user}", wanted)

    async def _until(self, method: str, path: str, body: Any, key: str = "") -> tuple[int, Any]:
        """Sends it again, with pauses, until it is answered; raises TimeoutError at last."""
        headers = {"idempotency-key": key} if key else {}
        for attempt in range(TRIES):
            status, answer = await self._send(method, path, body, headers)
            self._answers.counts[
                f"{method} {path.rpartition('/')[0] or path}: {status or 'none'}"
            ] += 1
            if answered(status):
                return status, answer
            await asyncio.sleep(min(LONGEST_PAUSE, 0.02 * 2**attempt) * self._chance.random())
        raise TimeoutError(f"{method} {path} was not answered properly in {TRIES} tries")

    async def _send(
        self, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> tuple[int, Any]:
        """Status and JSON of an answer; status 0 when there was none."""
        try:
            async with self._session.request(method, path, json=body, headers=headers) as answer:
                return answer.status, await answer.json()
        except (aiohttp.ClientError, TimeoutError):
            return 0, None


def answered(status: int) -> bool:
    """Whether the status is an answer at all, and not the news that something is broken."""
    return 0 < status < HTTPStatus.INTERNAL_SERVER_ERROR


def order_body(mark: str, basket: list[dict[str, Any]], card: str) -> dict[str, Any]:
    """An order as clients of the ACME demo send it, numbers as text; `mark` finds it again."""
    return {
        "firstname": "Audit",
        "lastname": "Buyer",
        "address": {"street": mark, **CITY},
        "email": "audit@example.com",
        "delivery": "UPS/FEDEX",
        "card": {
            "type": "visa",
            "number": card,
            "expMonth": "12",
            "expYear": "2099",
            "ccv": "123",
        },
        "cart": [
            {"id": item["id"], "description": item["name"], "quantity": "1", "price": item["price"]}
            for item in basket
        ],
        "total": str(round(sum(item["price"] for item in basket), 2)),
    }
