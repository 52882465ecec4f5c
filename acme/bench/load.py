"""Load on one URL: so many connections, each asking again once it is answered."""

import asyncio
import json
import time
from dataclasses import dataclass, field

import aiohttp


@dataclass
class Load:
    """What came of it: seconds it took, seconds each answer took, answers that were wrong."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    wrong: int = 0

    def add(self, other: "Load") -> None:
        self.seconds += other.seconds
        self.latencies += other.latencies
        self.wrong += other.wrong


async def drive(url: str, *, seconds: float, connections: int) -> Load:
    """Asks `url` for `seconds` over `connections` connections.

    An answer is right when it is a 200 whose `status` is `delivered`.
    """
    load, end = Load(), time.perf_counter() + seconds
    connector = aiohttp.TCPConnector(limit=connections)

    async def ask(session: aiohttp.ClientSession) -> None:
        while (begun := time.perf_counter()) < end:
            try:
                async with session.get(url) as answer:
                    body = await answer.read()
                    right = answer.status == 200 and json.loads(body)["status"] == "delivered"
            except aiohttp.ClientError:
                right = False
            load.latencies.append(time.perf_counter() - begun)
            load.wrong += not right

    begun = time.perf_counter()
    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(ask(session) for _ in range(connections)))
    load.seconds = time.perf_counter() - begun
    return load
