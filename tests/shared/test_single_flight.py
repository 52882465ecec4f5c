"""Work that several ask for at once: done once, whatever becomes of whoever does it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from opentelemetry import baggage
from opentelemetry import context as otel

from chaos.engine.engine import FaultEngine
from chaos.engine.model import Fault, Snapshot
from shared.single_flight import SingleFlight


class Work:
    """Counts how often it was begun, and ends when it may."""

    def __init__(self, *outcomes: str | Exception) -> None:
        self.may_end, self.begun = asyncio.Event(), 0
        self._outcomes = list(outcomes)

    async def __call__(self) -> str:
        self.begun += 1
        outcome = self._outcomes.pop(0)
        await self.may_end.wait()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


async def soon(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0)


async def all_waiting(work: Work, callers: list[asyncio.Task[str]]) -> None:
    await soon(lambda: work.begun > 0)
    for _ in callers:  # each has had its turn, and waits
        await asyncio.sleep(0)


def started(number: int, ask: Callable[[], Awaitable[str]]) -> list[asyncio.Task[str]]:
    async def one() -> str:
        return await ask()

    return [asyncio.create_task(one()) for _ in range(number)]


async def test_concurrent_callers_share_one_run() -> None:
    flights, work = SingleFlight[str](), Work("done", "done again")
    callers = started(5, lambda: flights.shared("all", work))
    await all_waiting(work, callers)
    work.may_end.set()

    assert await asyncio.gather(*callers) == ["done"] * 5
    assert work.begun == 1
    assert await flights.shared("all", work) == "done again"


async def test_what_is_not_equal_is_not_shared() -> None:
    flights, work = SingleFlight[str](), Work("one", "two")
    work.may_end.set()

    both = (flights.shared(key, work) for key in ("one", "two"))

    assert await asyncio.gather(*both) == ["one", "two"]


async def test_a_failure_is_everybodys() -> None:
    flights, work = SingleFlight[str](), Work(OSError("no disk"), "done")
    callers = started(3, lambda: flights.shared("all", work))
    await all_waiting(work, callers)
    work.may_end.set()

    met = await asyncio.gather(*callers, return_exceptions=True)

    assert [str(error) for error in met] == ["no disk"] * 3
    assert await flights.shared("all", work) == "done"


async def test_when_the_first_goes_away_another_one_does_the_work() -> None:
    flights, work = SingleFlight[str](), Work("cancelled", "done")
    callers = started(4, lambda: flights.shared("all", work))
    await all_waiting(work, callers)
    callers[0].cancel()
    with suppress(asyncio.CancelledError):
        await callers[0]
    await soon(lambda: work.begun == 2)
    work.may_end.set()

    assert await asyncio.gather(*callers[1:]) == ["done"] * 3
    assert work.begun == 2


async def test_when_one_who_follows_goes_away_nobody_else_notices() -> None:
    flights, work = SingleFlight[str](), Work("done")
    callers = started(3, lambda: flights.shared("all", work))
    await all_waiting(work, callers)
    callers[2].cancel()
    await asyncio.sleep(0)
    work.may_end.set()

    assert await asyncio.gather(*callers[:2]) == ["done"] * 2
    with pytest.raises(asyncio.CancelledError):
        await callers[2]


async def test_somebody_at_whom_a_fault_is_aimed_shares_with_nobody_else() -> None:
    where = {"side": "store", "match": {"session": "ann"}}
    settings = {"id": "for-ann", "where": where, "effect": {"type": "connect_error"}}
    faults = FaultEngine()
    faults.replace(Snapshot(faults=(Fault.model_validate(settings),)))
    flights, work = SingleFlight[str](faults.share_key), Work("theirs", "everybody's")

    async def as_ann() -> str:
        otel.attach(baggage.set_baggage("session.id", "ann"))
        return await flights.shared("all", work)

    anns = started(2, as_ann)
    await all_waiting(work, anns)
    others = started(2, lambda: flights.shared("all", work))
    await soon(lambda: work.begun == 2)
    work.may_end.set()

    assert await asyncio.gather(*anns) == ["theirs"] * 2
    assert await asyncio.gather(*others) == ["everybody's"] * 2
