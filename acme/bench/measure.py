"""A shop under load, round by round: what it answers and what that costs."""

import asyncio
import json
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import psutil

from acme.ephemeral import EphemeralShop, ephemeral_shop, read

CALM = {
    "AUTH_FAILURE_RATE": "0",
    "SHIPPING_FAILURE_RATE": "0",
    "LENS_MAX_TRACES": "10000000",
    "LENS_MAX_MB": "1000000",
}
ORDER = "/orders/12345"
COUNT_TIMEOUT = 60.0


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
    """Sends requests to `url` for `seconds` over `connections` connections.

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


class BenchShop:
    """Its processes by service, and what they cost."""

    def __init__(self, running: EphemeralShop) -> None:
        self.started, self.urls = running.started, running.urls
        self._processes = {
            name: psutil.Process(process.pid) for name, process in running.state.services.items()
        }

    def cpu(self) -> dict[str, float]:
        """Seconds of CPU each process has used so far, in user and kernel mode."""
        times = {name: process.cpu_times() for name, process in self._processes.items()}
        return {name: used.user + used.system for name, used in times.items()}

    def memory(self) -> dict[str, int]:
        """Bytes of memory that are each process's share: PSS, or RSS where there is no PSS."""
        infos = {name: process.memory_full_info() for name, process in self._processes.items()}
        return {name: getattr(info, "pss", info.rss) for name, info in infos.items()}

    def spans_kept(self) -> int:
        """How many spans lens has, once it has stopped getting more."""
        before, now, end = -1, 0, time.monotonic() + COUNT_TIMEOUT
        while now != before and time.monotonic() < end:
            time.sleep(0.7)
            before, now = now, int(read(f"{self.urls['lens']}/lens/api/stats")["spans"])
        return now


@contextmanager
def shop(environ: Mapping[str, str]) -> Iterator[BenchShop]:
    """Starts a shop without faults, with `environ` on top, and stops it at the end."""
    with ephemeral_shop({**CALM, **environ}) as running:
        yield BenchShop(running)


@dataclass
class Measured:
    """The sums over all rounds of one variant. CPU is in seconds, memory in bytes."""

    name: str
    started: float = 0.0
    load: Load = field(default_factory=Load)
    cpu: Counter[str] = field(default_factory=Counter)
    memory: dict[str, int] = field(default_factory=dict)
    spans_due: int = 0
    spans_kept: int = 0

    @property
    def requests(self) -> int:
        return len(self.load.latencies)

    def per_thousand(self, service: str | None = None) -> float:
        """Seconds of CPU for 1,000 requests, of one process or of all but lens."""
        used = self.cpu[service] if service else self.cpu.total() - self.cpu["lens"]
        return used / self.requests * 1000

    def latency(self, percent: int) -> float:
        return statistics.quantiles(self.load.latencies, n=100)[percent - 1]

    def as_json(self) -> dict[str, Any]:
        return {
            "start_seconds": self.started,
            "requests": self.requests,
            "wrong_answers": self.load.wrong,
            "seconds": self.load.seconds,
            "requests_per_second": self.requests / self.load.seconds,
            "p50_seconds": self.latency(50),
            "p99_seconds": self.latency(99),
            "cpu_seconds_per_1000_requests": {
                "total_without_lens": self.per_thousand(),
                **{service: self.per_thousand(service) for service in self.cpu},
            },
            "memory_bytes": self.memory,
            "spans_kept": self.spans_kept,
            "spans_dropped": self.spans_due - self.spans_kept,
        }


class Variant:
    """A running shop and what was measured of it so far."""

    def __init__(self, name: str, running: BenchShop, *, traced: bool) -> None:
        self._shop, self._traced = running, traced
        self._spans_of_one = 0
        self.measured = Measured(name, started=running.started)

    async def warm_up(self, seconds: float, connections: int) -> None:
        await drive(self.url, seconds=seconds, connections=connections)
        self._shop.spans_kept()  # once it stops growing, the newest trace is whole
        if self._traced:
            self._spans_of_one = self.spans_of_one()

    async def round(self, seconds: float, connections: int) -> None:
        measured, spans = self.measured, self._shop.spans_kept()
        before = self._shop.cpu()
        load = await drive(self.url, seconds=seconds, connections=connections)
        kept = self._shop.spans_kept() - spans  # waits for what is under way, whose CPU counts too
        after = self._shop.cpu()
        measured.load.add(load)
        measured.cpu.update({name: after[name] - before[name] for name in after})
        measured.spans_kept += kept
        measured.spans_due += self._spans_of_one * len(load.latencies)
        measured.memory = self._shop.memory()

    def spans_of_one(self) -> int:
        """The length of the newest trace; faults are off, so that all are equally long."""
        end = time.monotonic() + 10
        query = "/api/traces?service=gateway&limit=1&operation=GET%20/orders/{order_id}"
        while time.monotonic() < end:
            found = read(self._shop.urls["lens"] + query)["data"]
            if found:
                return len(found[0]["spans"])
        raise TimeoutError("lens has no trace of the gateway")

    @property
    def url(self) -> str:
        return self._shop.urls["gateway"] + ORDER
