"""What a process tells of its faults: which it has, what they did, and to whom."""

import asyncio
import os
from contextlib import suppress
from dataclasses import asdict
from time import monotonic

from chaos.engine.engine import Faults

MOST_HITS = 1_000
OFTEN, SELDOM = 0.25, 10.0


class Reporter:
    """Knows what was heard already, and when there is news."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._heard_hits = self._said_hits = 0
        self._heard: object = None
        self._said: object = None
        self._at = -SELDOM

    async def news(self, at_once: asyncio.Event) -> None:
        """Waits until there is something to tell: at once for `at_once`."""
        while not self._is_due() and not at_once.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(OFTEN):
                    await at_once.wait()

    def said(self) -> dict[str, object]:
        """The report; it has the oldest hits that were not heard of yet."""
        faults = self._faults
        fresh = faults.ledger.after(self._heard_hits)
        hits = fresh[:MOST_HITS]
        self._said, self._said_hits = self._state(), faults.ledger.number - len(fresh) + len(hits)
        return {
            "pid": os.getpid(),
            "revision": faults.revision,
            "own": [{"fault": own.fault.model_dump(), "source": own.source} for own in faults.own],
            "tallies": {
                id_: {"matched": tally.matched, "fired": tally.fired}
                for id_, tally in faults.tallies.items()
            },
            "overflow": faults.overflow,
            "waiting": faults.waiting,
            "hits": [asdict(hit) for hit in hits],
        }

    def heard(self) -> None:
        """The last report arrived."""
        self._heard, self._heard_hits, self._at = self._said, self._said_hits, monotonic()

    def _is_due(self) -> bool:
        late = monotonic() - self._at >= SELDOM
        return late or self._heard_hits < self._faults.ledger.number or self._heard != self._state()

    def _state(self) -> object:
        """What differs when there is something new beside hits."""
        faults = self._faults
        tallies = faults.tallies.values()
        counted = sum(tally.matched for tally in tallies), sum(tally.fired for tally in tallies)
        return faults.revision, counted, faults.overflow, faults.waiting
