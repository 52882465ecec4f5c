"""Seeded traffic: requests for orders, some of which fail or are delayed, seen from outside."""

import asyncio
import json
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import aiohttp

from acme.sampling.compare.variants import DELAY_MS, SLOW_MS

ORDERS = range(12345, 12355)
CONNECTIONS = 8
TIMEOUT = 30.0
Outcome = Literal["well", "failed", "degraded"]
# What goes wrong in each shop: in one request of ten auth or the carrier, and one in twenty is
# delayed.
FAULTS = f"""\
faults:
  - {{id: compare-auth, where: {{service: auth, route: "GET /auth"}}, rate: 0.05, ttl: 1h,
     effect: {{type: error, status: 500}}}}
  - {{id: compare-carrier, where: {{side: client, service: shipping, peer: carrier}}, rate: 0.05,
     ttl: 1h, effect: {{type: error, status: 503}}}}
  - {{id: compare-delay, where: {{service: orders, route: "GET /order/{{order_id}}"}}, rate: 0.05,
     ttl: 1h, effect: {{type: latency, ms: {DELAY_MS}}}}}
"""
WITHOUT_DEFAULTS = {"AUTH_FAILURE_RATE": "0", "SHIPPING_FAILURE_RATE": "0"}


@dataclass(frozen=True)
class Request:
    """What a client saw of one request, whether its trace was recorded or not."""

    trace_id: str
    outcome: Outcome
    seconds: float

    @property
    def has_error(self) -> bool:
        return self.outcome != "well"

    @property
    def is_slow(self) -> bool:
        """Whether it took as long as those that are delayed on purpose."""
        return self.seconds * 1000 >= DELAY_MS

    @property
    def is_ordinary(self) -> bool:
        """Neither an error nor slow, nor near it since the machine was busy."""
        return not self.has_error and self.seconds * 1000 < SLOW_MS


@dataclass(frozen=True)
class Traffic:
    """Requests in the order of their answers, and the seconds that all of them took."""

    requests: Sequence[Request]
    seconds: float

    @property
    def errors(self) -> int:
        return sum(one.has_error for one in self.requests)

    @property
    def slow(self) -> int:
        return sum(one.is_slow for one in self.requests)

    @property
    def others(self) -> int:
        return sum(one.is_ordinary for one in self.requests)

    @cached_property
    def by_id(self) -> Mapping[str, Request]:
        return {one.trace_id: one for one in self.requests}


async def drive(gateway: str, requests: int, seed: int) -> Traffic:
    """Asks for so many orders, over a few connections."""
    draws = random.Random(seed)  # noqa: S311 - no secret
    waiting = iter([draws.choice(ORDERS) for _ in range(requests)])
    done: list[Request] = []
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    begun = time.perf_counter()
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:

        async def ask() -> None:
            for order in waiting:
                one = await read_order(session, gateway, order)
                done.append(one)

        await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))
    return Traffic(done, time.perf_counter() - begun)


async def read_order(session: aiohttp.ClientSession, gateway: str, order: int) -> Request:
    begun = time.perf_counter()
    async with session.get(f"{gateway}/orders/{order}") as answer:
        body = await answer.read()
    seconds = time.perf_counter() - begun
    trace_id = answer.headers["traceresponse"].split("-")[1]
    return Request(trace_id, outcome_of(answer.status, body), seconds)


def outcome_of(status: int, body: bytes) -> Outcome:
    """Whether it went well, failed, or was answered although something behind it failed."""
    if status != 200:
        return "failed"
    return "well" if json.loads(body)["status"] == "delivered" else "degraded"
