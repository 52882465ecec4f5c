"""Drives load through a shop: repeatable clicks, and the evidence of what they showed."""

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any

import aiohttp

from chaos.client import Rejected
from chaos.measures.evidence import Answer, Click, Evidence
from chaos.measures.journeys import JOURNEYS, MOST_REQUESTS, WITH_LOGIN, Request, Visitor
from chaos.measures.shop import NoShop, Shop
from traces.model import Kind

TIMEOUT = aiohttp.ClientTimeout(total=30)
USER, PASSWORD = "probe", "probe-password"
TRIES = 20
PERSON = {"firstname": "Probe", "lastname": "Visitor", "email": "probe@example.com"}
FORBIDDEN = 403
SESSION = "session.id"
NOT_TRUSTED = (
    "the gateway drops the session that callers claim, so a fault for one session would never "
    "match these clicks: start the shop with ACME_REQUEST_FAULTS=on"
)


def drive(
    shop: Shop,
    journey: str,
    clicks: int = 10,
    *,
    seed: int = 42,
    session: str = "",
    tenants: Sequence[str] = (),
    concurrency: int = 1,
) -> Evidence:
    """Makes the journey `clicks` times, `concurrency` at a time, in one session for each of the
    tenants; the sessions' ids begin with `session`, or follow from the seed.
    """
    if journey not in JOURNEYS:
        raise ValueError(f"there is no journey {journey}: there are {', '.join(JOURNEYS)}")
    session = session or f"probe-{seed}"
    load = Load(shop, journey, seed, concurrency)
    return asyncio.run(load.drive(session, clicks, tuple(tenants)))


class Load:
    """One journey, and what all its visitors share."""

    def __init__(self, shop: Shop, journey: str, seed: int, concurrency: int) -> None:
        self._shop, self._journey, self._seed = shop, journey, seed
        self._slots = asyncio.Semaphore(concurrency)
        self._token = ""

    async def drive(self, session: str, clicks: int, tenants: tuple[str, ...]) -> Evidence:
        sessions = [(f"{session}-{tenant}", tenant) for tenant in tenants] or [(session, "")]
        async with aiohttp.ClientSession(
            timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar()
        ) as http:
            products = await self._until_answered(http, Request("GET", "/products"))
            user = await self._log_in(http) if self._journey in WITH_LOGIN else ""
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
        self, http: aiohttp.ClientSession, session: str, tenant: str, visitor: Visitor
    ) -> Click:
        """The whole journey, up to the first request that fails."""
        step, answers = visitor.number * MOST_REQUESTS + 1, list[Answer]()
        async with self._slots:
            async for request in JOURNEYS[self._journey](visitor):
                members = {SESSION: session, "acmeshop.step": str(step + len(answers))}
                if tenant:
                    members["acmeshop.tenant"] = tenant
                answers.append(await self._send(http, request, members))
                if answers[-1].failed:
                    break
        return Click(session, step, tuple(answers), tenant)

    async def _send(
        self, http: aiohttp.ClientSession, request: Request, members: dict[str, str]
    ) -> Answer:
        url = (self._shop.frontend if request.page else self._shop.gateway) + request.path
        headers = {**request.headers, **self._identity(request, members)}
        start = time.perf_counter()
        try:
            async with http.request(
                request.method, url, json=request.body, headers=headers
            ) as answer:
                text = await answer.text()
                found = answer.headers.get("traceresponse", "").split("-")
                trace = found[1] if len(found) > 1 else ""
                seconds = time.perf_counter() - start
                return Answer(answer.status, seconds, text, trace, request.about)
        except (aiohttp.ClientError, TimeoutError):
            return Answer(0, time.perf_counter() - start, about=request.about)

    def _identity(self, request: Request, members: dict[str, str]) -> dict[str, str]:
        """The headers that say whose click it is: a page has a cookie, the API has baggage."""
        headers = {"authorization": f"Bearer {self._token}"} if self._token else {}
        if request.page:
            session, step = members[SESSION], int(members["acmeshop.step"])
            return headers | {"cookie": f"shop_session={session}.{step - 1}"}
        baggage = ",".join(f"{key}={value}" for key, value in members.items())
        return headers | {"baggage": baggage}

    async def _log_in(self, http: aiohttp.ClientSession) -> str:
        """Logs a user in, and registers one first if need be; returns the user's id."""
        credentials = {"username": USER, "password": PASSWORD}
        login = Request("POST", "/login/", credentials)
        try:
            session = await self._until_answered(http, login)
        except PermissionError:
            register = Request("POST", "/register", {**credentials, **PERSON})
            await self._until_answered(http, register)
            session = await self._until_answered(http, login)
        self._token = str(session["access_token"])
        return str(session["token"])

    async def _until_answered(
        self, http: aiohttp.ClientSession, request: Request
    ) -> dict[str, Any]:
        """The JSON of the answer, retried until there is one. It is sent without a session, so a
        fault that is aimed at the clicks does not match it.
        """
        url, status = self._shop.gateway + request.path, 0
        for _ in range(TRIES):
            try:
                async with http.request(request.method, url, json=request.body) as answer:
                    status = answer.status
                    if status in {401, 409}:
                        raise PermissionError(request.path)
                    if status < 300:
                        return dict(await answer.json())
            except aiohttp.ClientConnectorError:
                raise NoShop(
                    f"nothing answers at {self._shop.gateway}; `acme up` starts the shop"
                ) from None
            except (aiohttp.ClientError, TimeoutError):
                status = 0
        raise NoShop(f"{url} was not answered in {TRIES} tries: the last answer was {status}")


def check_sessions_trusted(shop: Shop) -> None:
    """Makes one click in a session, and raises Rejected when its trace does not carry that session:
    then faults for one session cannot be measured. Without lens there is no trace to look at.
    """
    try:
        traces = drive(shop, "shelf", 1, session="probe-trust").traces
    except OSError:  # lens does not answer
        return
    spans = [
        span
        for trace in traces
        for span in trace.spans
        if span.service == "gateway" and span.kind is Kind.SERVER
    ]
    if spans and not any(SESSION in span.attributes for span in spans):
        raise Rejected(FORBIDDEN, NOT_TRUSTED)
