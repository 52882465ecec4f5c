"""Makes clicks that can be repeated, and keeps what they showed."""

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any

import aiohttp

from chaos.measures.evidence import Answer, Clicked, Evidence
from chaos.measures.journeys import JOURNEYS, KNOWN_USERS, LONGEST, Ask, Visitor
from chaos.measures.shop import NoShop, Shop

PATIENCE = aiohttp.ClientTimeout(total=30)
USER, PASSWORD = "probe", "probe-password"
TRIES = 20
PERSON = {"firstname": "Probe", "lastname": "Visitor", "email": "probe@example.com"}


def drive(
    shop: Shop,
    journey: str,
    clicks: int = 10,
    *,
    seed: int = 42,
    session: str = "",
    tenants: Sequence[str] = (),
    at_once: int = 1,
) -> Evidence:
    """Goes `clicks` times through the journey, `at_once` at a time, for each of the tenants in a
    session of its own; their ids begin with `session`, or follow from the seed.
    """
    if journey not in JOURNEYS:
        raise ValueError(f"there is no journey {journey}: there are {', '.join(JOURNEYS)}")
    session = session or f"probe-{seed}"
    return asyncio.run(Driver(shop, journey, seed, at_once).drive(session, clicks, tuple(tenants)))


class Driver:
    """One journey, and all that its visitors share."""

    def __init__(self, shop: Shop, journey: str, seed: int, at_once: int) -> None:
        self._shop, self._name, self._seed = shop, journey, seed
        self._at_once = asyncio.Semaphore(at_once)
        self._token = ""

    async def drive(self, session: str, clicks: int, tenants: tuple[str, ...]) -> Evidence:
        sessions = [(f"{session}-{tenant}", tenant) for tenant in tenants] or [(session, "")]
        async with aiohttp.ClientSession(
            timeout=PATIENCE, cookie_jar=aiohttp.DummyCookieJar()
        ) as http:
            products = await self._until(http, Ask("GET", "/products"))
            user = await self._come_in(http) if self._name in KNOWN_USERS else ""
            since = time.time()
            made = await asyncio.gather(
                *(
                    self._click(http, session, tenant, self._visitor(session, n, products, user))
                    for n in range(clicks)
                    for session, tenant in sessions
                )
            )
        return Evidence(self._shop, tuple(made), since)

    def _visitor(self, session: str, n: int, products: dict[str, Any], user: str) -> Visitor:
        chance = random.Random(f"{self._seed}/{session}/{n}")  # noqa: S311 - repeatable
        return Visitor(n, chance, products["data"], user)

    async def _click(
        self,
        http: aiohttp.ClientSession,
        session: str,
        tenant: str,
        visitor: Visitor,
    ) -> Clicked:
        """The whole journey, up to the first call that fails."""
        step, answers = visitor.number * LONGEST + 1, list[Answer]()
        async with self._at_once:
            async for ask in JOURNEYS[self._name](visitor):
                members = {"session.id": session, "acmeshop.step": str(step + len(answers))}
                if tenant:
                    members["acmeshop.tenant"] = tenant
                answers.append(await self._ask(http, ask, members))
                if answers[-1].failed:
                    break
        return Clicked(session, step, tuple(answers), tenant)

    async def _ask(self, http: aiohttp.ClientSession, ask: Ask, members: dict[str, str]) -> Answer:
        headers = {**ask.headers}
        if ask.page:  # the storefront knows who it is by a cookie
            told = f"{members['session.id']}.{int(members['acmeshop.step']) - 1}"
            headers["cookie"] = f"shop_session={told}"
        else:
            headers["baggage"] = ",".join(f"{key}={value}" for key, value in members.items())
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        url = (self._shop.frontend if ask.page else self._shop.gateway) + ask.path
        begun = time.perf_counter()
        try:
            async with http.request(ask.method, url, json=ask.body, headers=headers) as answer:
                text = await answer.text()
                found = answer.headers.get("traceresponse", "").split("-")
                trace = found[1] if len(found) > 1 else ""
                seconds = time.perf_counter() - begun
                return Answer(answer.status, seconds, text, trace, ask.about)
        except (aiohttp.ClientError, TimeoutError):
            return Answer(0, time.perf_counter() - begun, about=ask.about)

    async def _come_in(self, http: aiohttp.ClientSession) -> str:
        """Logs a user in who registers before if need be; answers the user's id."""
        credentials = {"username": USER, "password": PASSWORD}
        try:
            session = await self._until(http, Ask("POST", "/login/", credentials))
        except PermissionError:
            await self._until(http, Ask("POST", "/register", {**credentials, **PERSON}))
            session = await self._until(http, Ask("POST", "/login/", credentials))
        self._token = str(session["access_token"])
        return str(session["token"])

    async def _until(self, http: aiohttp.ClientSession, ask: Ask) -> dict[str, Any]:
        """The JSON of its answer, asked for until there is one; nobody's session, so that a fault
        that is aimed at the clicks does not strike here.
        """
        url, status = self._shop.gateway + ask.path, 0
        for _ in range(TRIES):
            try:
                async with http.request(ask.method, url, json=ask.body) as answer:
                    status = answer.status
                    if status in {401, 409}:
                        raise PermissionError(ask.path)
                    if status < 300:
                        return dict(await answer.json())
            except aiohttp.ClientConnectorError:
                raise NoShop(
                    f"nothing answers at {self._shop.gateway}; `acme up` starts the shop"
                ) from None
            except (aiohttp.ClientError, TimeoutError):
                status = 0
        raise NoShop(f"{url} was not answered in {TRIES} tries: the last answer was {status}")
