"""What a process reports of its faults: which it has, what they did, and to whom."""

import asyncio
import os
from contextlib import suppress
from dataclasses import asdict
from time import monotonic

from chaos.engine.engine import FaultEngine

MOST_HITS = 1_000
OFTEN, SELDOM = 0.25, 10.0


class Reporter:
    """Knows what was delivered already, and when there is news."""

    def __init__(self, engine: FaultEngine) -> None:
        self._engine = engine
        self._delivered_hits = self._reported_hits = 0
        self._delivered: object = None
        self._reported: object = None
        self._at = -SELDOM

    async def news(self, changed: asyncio.Event) -> None:
        """Waits until there is something to report: not at all once `changed` is set, and what
        faults do within a moment is one report.
        """
        while not self._is_due() and not changed.is_set():
            self._engine.activity.clear()
            await wait_for(self._engine.activity, self._at + SELDOM - monotonic())
            await wait_for(changed, OFTEN)

    def report(self) -> dict[str, object]:
        """The report; it has the oldest hits that were not delivered yet."""
        engine, registry = self._engine, self._engine.registry
        fresh = engine.ledger.after(self._delivered_hits)
        hits = fresh[:MOST_HITS]
        self._reported, self._reported_hits = (
            self._state(),
            engine.ledger.number - len(fresh) + len(hits),
        )
        return {
            "pid": os.getpid(),
            "revision": registry.revision,
            "own": [
                {"fault": own.fault.model_dump(), "source": own.source} for own in registry.own
            ],
            "tallies": {
                id_: {"matched": tally.matched, "fired": tally.fired}
                for id_, tally in registry.tallies.items()
            },
            "routes": sorted(engine.routes),
            "overflow": engine.overflow,
            "waiting": engine.waiting,
            "hits": [asdict(hit) for hit in hits],
        }

    def delivered(self) -> None:
        """The last report arrived."""
        self._delivered, self._delivered_hits, self._at = (
            self._reported,
            self._reported_hits,
            monotonic(),
        )

    def _is_due(self) -> bool:
        late = monotonic() - self._at >= SELDOM
        return (
            late
            or self._delivered_hits < self._engine.ledger.number
            or self._delivered != self._state()
        )

    def _state(self) -> object:
        """What differs when there is something new beside hits."""
        engine, registry = self._engine, self._engine.registry
        tallies = registry.tallies.values()
        counted = sum(tally.matched for tally in tallies), sum(tally.fired for tally in tallies)
        return registry.revision, counted, engine.overflow, engine.waiting


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
