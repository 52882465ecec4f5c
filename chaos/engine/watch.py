"""Keeps a service's faults as the control plane wants them, and reports what they did."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic

from chaos.engine.engine import FaultEngine
from chaos.engine.plane import Absent, Away, ControlPlane
from chaos.engine.report import Reporter

log = logging.getLogger("acmeshop")
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
ANSWERED_FIRST = 2.0
LOST = "the control plane is away (%s): faults stay until their own end"
BACK = "the control plane is back"


class Watch:
    """Polls for snapshots, and reports. While nobody answers, the faults stay what they are, and
    each ends when its own time is over.
    """

    def __init__(self, plane: ControlPlane, engine: FaultEngine) -> None:
        self._plane, self._engine = plane, engine
        self._reporter = Reporter(engine)
        self._tasks: list[asyncio.Task[None]] = []
        self._known, self._news = asyncio.Event(), asyncio.Event()
        self._found = self._lost = False

    async def start(self) -> None:
        """Starts to watch, and waits a moment for the first snapshot: who takes requests knows
        which of them are to fail.
        """
        self._engine.die = self._last_words(self._engine.die)
        self._tasks = [
            asyncio.create_task(persistent(self._poll, self._missed)),
            asyncio.create_task(persistent(self._report)),
        ]
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWERED_FIRST):
                await self._known.wait()

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        self.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _last_words(self, die: Callable[[int], None]) -> Callable[[int], None]:
        """Ends the process; that it was ordered to crash is known by then."""

        def tell_and_die(code: int) -> None:
            self._plane.last_report(self._reporter.report())
            die(code)

        return tell_and_die

    async def _poll(self) -> None:
        began = monotonic()
        snapshot = await self._plane.snapshot()
        if snapshot is not None:
            self._engine.replace(snapshot)
            self._news.set()
        self._known.set()
        self._found = True
        if self._lost:
            log.info(BACK)
            self._lost = False
        # One that answers immediately, with news or without, is not polled without a pause.
        await asyncio.sleep(FIRST_PAUSE - (monotonic() - began))

    def _missed(self, why: Away) -> None:
        self._known.set()
        # What was never there is not missed: one may run a few services without it.
        if not self._lost and (self._found or not isinstance(why, Absent)):
            log.warning(LOST, why)
            self._lost = True

    async def _report(self) -> None:
        await self._reporter.news(self._news)
        self._news.clear()
        await self._plane.report(self._reporter.report())
        self._reporter.delivered()


async def persistent(
    work: Callable[[], Awaitable[None]], missed: Callable[[Away], None] | None = None
) -> None:
    """Does `work` again and again; when nobody answers, after pauses that grow."""
    pause = FIRST_PAUSE
    while True:
        try:
            await work()
            pause = FIRST_PAUSE
        except Away as why:
            if missed is not None:
                missed(why)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        except Exception:  # a mistake in it must not be the end of it
            log.exception("watching the control plane crashed")
            await asyncio.sleep(LONGEST_PAUSE)
