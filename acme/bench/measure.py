"""One variant of the shop under load, round by round: what it answers and what that costs."""

import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from acme.apart import read
from acme.bench.load import Load, drive
from acme.bench.shop import BenchShop

ORDER = "/orders/12345"


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
