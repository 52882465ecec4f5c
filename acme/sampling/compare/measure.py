"""One sampler: a shop of its own under the traffic, and what lens has of it afterwards."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from acme.bench.measure import BenchShop
from acme.ephemeral import ephemeral_shop, read
from acme.sampling.compare.traffic import FAULTS, WITHOUT_DEFAULTS, Outcome, Traffic, drive
from acme.sampling.compare.variants import POLLING_MS, RATIO, Variant
from acme.sampling.strategies import request
from chaos.client import ControlPlane
from chaos.measures import is_applied_everywhere

WARM_UP = 24
PATIENCE = 30.0
PAUSE = 0.05
MOST = 1_500  # traces that lens lists at once
Services = frozenset[str]


@dataclass(frozen=True)
class Kept:
    """A trace that lens has: its services, and whether a span lacks its parent."""

    trace_id: str
    services: Services
    orphans: int


@dataclass(frozen=True)
class Measured:
    """What came of one sampler. `cpu` is in seconds, of the services and of lens; `octets` is what
    they sent of spans, `spans` what lens keeps of them.
    """

    variant: Variant
    traffic: Traffic
    kept: Sequence[Kept]
    expected: Mapping[Outcome, Services]
    octets: int
    spans: int
    cpu: float
    cpu_lens: float
    tail: Mapping[str, Any] | None

    @property
    def errors(self) -> int:
        return sum(self.traffic.by_id[one.trace_id].has_error for one in self.kept)

    @property
    def slow(self) -> int:
        return sum(self.traffic.by_id[one.trace_id].is_slow for one in self.kept)

    @property
    def others(self) -> int:
        """Kept traces of requests with nothing special about them."""
        return sum(self.traffic.by_id[one.trace_id].is_ordinary for one in self.kept)

    @property
    def whole(self) -> int:
        return sum(self.is_whole(one) for one in self.kept)

    def is_whole(self, kept: Kept) -> bool:
        """Whether every span has its parent, and every service is there that a request with this
        outcome passes through.
        """
        outcome = self.traffic.by_id[kept.trace_id].outcome
        return not kept.orphans and kept.services >= self.expected.get(outcome, frozenset())


async def measure(
    variant: Variant, requests: int, seed: int, expected: Mapping[Outcome, Services] | None
) -> Measured:
    """Starts the shop, and stops it at the end. What is `expected` of whole traces is what this one
    has, if it is None. Raises TimeoutError when the shop does not get ready.
    """
    with shop(variant, seed) as running:
        lens = running.urls["lens"]
        if variant.remote:
            await follow_strategy(lens)
        await drive(running.urls["gateway"], WARM_UP, seed)
        running.spans_kept()  # waits for what is under way
        before, octets, spans = running.cpu(), received(lens), running.spans_kept()
        traffic = await drive(running.urls["gateway"], requests, seed)
        tail = await decided(lens) if variant.keeps_what_matters else None
        spans = running.spans_kept() - spans
        after = running.cpu()
        kept = [one for one in kept_by(lens) if one.trace_id in traffic.by_id]
        used = {name: after[name] - before[name] for name in after}
        return Measured(
            variant,
            traffic,
            kept,
            expected if expected is not None else services_of(traffic, kept),
            received(lens) - octets,
            spans,
            sum(used.values()) - used["lens"],
            used["lens"],
            tail,
        )


@contextmanager
def shop(variant: Variant, seed: int) -> Iterator[BenchShop]:
    with TemporaryDirectory(prefix="acme-sampling-") as folder:
        faults = Path(folder) / "faults.yaml"
        faults.write_text(FAULTS)
        environ = {**WITHOUT_DEFAULTS, "ACME_FAULTS": str(faults), "ACME_SEED": str(seed)}
        with ephemeral_shop({**environ, **variant.environ}) as running:
            wait_for_faults(ControlPlane(running.urls["chaos"]))
            yield BenchShop(running)


def wait_for_faults(plane: ControlPlane) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        faults = [one for one in plane.get("/faults")["faults"] if one["id"].startswith("compare-")]
        if faults and all(is_applied_everywhere(one["applied"]) for one in faults):
            return
        time.sleep(PAUSE)
    raise TimeoutError("the faults did not reach every service")


async def follow_strategy(lens: str) -> None:
    """Sets a strategy, and returns once every service has polled for it."""
    strategy = {"type": "probabilistic", "param": RATIO}
    edited = time.time_ns()
    request(lens, "PUT", "/lens/api/sampling/default", strategy)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        polled = request(lens, "GET", "/lens/api/sampling")["polled_ns"]
        if polled and min(polled.values()) > edited:
            await asyncio.sleep(POLLING_MS / 1000)  # until the last of them has read its answer
            return
        await asyncio.sleep(PAUSE)
    raise TimeoutError("the services did not poll for their strategies")


async def decided(lens: str) -> Mapping[str, Any]:
    """What the tail stage has decided, once nothing waits there."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        counts: Mapping[str, Any] = read(f"{lens}/lens/api/sampling/tail")
        if not counts["waiting"]:
            return counts
        await asyncio.sleep(PAUSE)
    raise TimeoutError("traces still wait in the tail stage")


def received(lens: str) -> int:
    """The bytes of all spans that were sent to lens."""
    intake = read(f"{lens}/lens/api/intake")
    return sum(count["bytes"].get("spans", 0) for count in intake.values())


def kept_by(lens: str) -> list[Kept]:
    always = {
        "query.startTimeMin": "2000-01-01T00:00:00Z",
        "query.startTimeMax": "2100-01-01T00:00:00Z",
        "query.searchDepth": MOST,
    }
    found = read(f"{lens}/api/v3/trace-summaries?{urlencode(always)}")["summaries"]
    return [
        Kept(
            one["traceId"],
            frozenset(service["name"] for service in one["services"]),
            one["orphanSpanCount"],
        )
        for one in found
    ]


def services_of(traffic: Traffic, kept: Sequence[Kept]) -> dict[Outcome, Services]:
    """The services that requests pass through, by their outcome: those of the longest traces."""
    found: dict[Outcome, Services] = {}
    for one in kept:
        outcome = traffic.by_id[one.trace_id].outcome
        found[outcome] = max(found.get(outcome, frozenset()), one.services, key=len)
    return found
