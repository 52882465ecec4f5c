"""Behaviours that only a fault switches on, and pools in which callers wait for their turn."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Tracer

from chaos.engine.effect import BEHAVIORS
from chaos.engine.engine import MOST_WAITING, FaultEngine
from chaos.engine.injection_point import CallPath
from chaos.engine.inside import point
from chaos.engine.model import Fault, Snapshot
from tests.chaos.engine.decisions import Clock, fault, in_session, with_baggage
from tests.chaos.engine.pair import until


def behavior(name: str, id_: str = "odd-one", **changes: Any) -> Fault:
    where = {"side": "point", "service": "catalog", **changes.pop("where", {})}
    return fault(id_, where=where, effect={"type": "behavior", "name": name}, **changes)


def pool(size: int, side: str = "store", id_: str = "narrow-one", **changes: Any) -> Fault:
    where = {"side": side, **changes.pop("where", {})}
    return fault(id_, where=where, effect={"type": "pool", "size": size}, **changes)


def having(*faults: Fault, service: str = "catalog", **options: Any) -> FaultEngine:
    there = FaultEngine(service=service, **options)
    there.replace(Snapshot(faults=faults))
    return there


@pytest.mark.parametrize("name", BEHAVIORS)
def test_code_behaves_as_a_fault_says_and_as_ever_without_it(name: Any) -> None:
    faults = having(behavior(name))

    assert faults.behaves(name)
    assert [other for other in BEHAVIORS if faults.behaves(other)] == [name]
    faults.replace(Snapshot())
    assert not faults.behaves(name)


def test_another_service_behaves_as_ever() -> None:
    assert not having(behavior("n_plus_one"), service="orders").behaves("n_plus_one")


def test_code_can_behave_badly_for_one_person_one_value_or_every_other_time() -> None:
    anns = having(behavior("n_plus_one", where={"match": {"session": "s-ann"}}))
    teas = having(behavior("n_plus_one", where={"match": {"attribute": {"tag": "tea"}}}))
    second = having(behavior("n_plus_one", hits="every 2"))

    with with_baggage({"session.id": "s-ann"}):
        assert anns.behaves("n_plus_one")
    assert not anns.behaves("n_plus_one")
    assert [teas.behaves("n_plus_one", tag=tag) for tag in ("tea", "garden")] == [True, False]
    assert [second.behaves("n_plus_one") for _ in range(4)] == [False, True, False, True]


def test_a_share_of_the_requests_behaves_badly_and_the_same_ones_each_time() -> None:
    def fired_each_time() -> list[bool]:
        faults, found = having(behavior("n_plus_one", rate=0.4), seed=7), []
        for step in range(40):
            with in_session(CallPath("s-ann", str(step), "GET /products")):
                found.append(faults.behaves("n_plus_one"))
        return found

    assert fired_each_time() == fired_each_time()
    assert set(fired_each_time()) == {True, False}


async def test_a_behavior_is_no_business_of_a_named_point() -> None:
    faults = having(behavior("n_plus_one"))

    await point(faults, "catalog.read")

    assert faults.registry.tallies["odd-one"].matched == 0


def test_a_behavior_marks_the_span_in_hand_unless_it_is_hidden(
    tracer: Tracer, spans: InMemorySpanExporter
) -> None:
    for hidden in (False, True):
        faults = having(behavior("n_plus_one", hidden=hidden))
        with tracer.start_as_current_span("GET /products"):
            assert faults.behaves("n_plus_one")
        assert len(faults.ledger) == 1

    seen, unseen = [dict(span.attributes or {}) for span in spans.get_finished_spans()]
    assert seen == {"acmeshop.fault.id": "odd-one", "acmeshop.fault.type": "behavior"}
    assert unseen == {}


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracer(spans: InMemorySpanExporter) -> Tracer:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return provider.get_tracer("tests")


class Desk:
    """Operations in a pool, each of which goes on until `end` is set."""

    def __init__(self, faults: FaultEngine, place: str = "SELECT products") -> None:
        self.faults, self.place = faults, place
        self.inside: list[int] = []
        self.most, self.end = 0, asyncio.Event()

    async def work(self, number: int) -> None:
        async with self.faults.pool("store", self.place):
            self.inside.append(number)
            self.most = max(self.most, len(self.inside))
            await self.end.wait()
            self.inside.remove(number)

    async def started(self, count: int) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.work(n)) for n in range(count)]


async def done(tasks: list[asyncio.Task[None]]) -> None:
    async with asyncio.timeout(10):
        await asyncio.gather(*tasks)


@pytest.mark.parametrize("size", [1, 3])
async def test_so_many_are_inside_at_once_and_all_get_their_turn(size: int) -> None:
    faults = having(pool(size))
    desk = Desk(faults)

    tasks = await desk.started(8)
    await until(lambda: faults.waiting == 8 - size)
    assert desk.inside == list(range(size))  # who came first is inside
    desk.end.set()
    await done(tasks)

    assert desk.most == size
    assert faults.waiting == 0


async def test_all_go_in_at_once_when_the_pool_is_removed() -> None:
    faults = having(pool(1))
    desk = Desk(faults)

    tasks = await desk.started(5)
    await until(lambda: faults.waiting == 4)
    faults.replace(Snapshot())
    await until(lambda: len(desk.inside) == 5)
    desk.end.set()
    await done(tasks)


async def test_all_go_in_when_its_time_is_over() -> None:
    faults = having(pool(1, ttl=0.05))
    desk = Desk(faults)

    tasks = await desk.started(3)
    await until(lambda: len(desk.inside) == 3)
    desk.end.set()
    await done(tasks)


async def test_who_waits_keeps_the_place_when_the_pool_stays_longer() -> None:
    clock = Clock()
    faults = having(pool(1, ttl=30), clock=clock)
    desk = Desk(faults)

    tasks = await desk.started(3)
    await until(lambda: faults.waiting == 2)
    faults.replace(Snapshot(faults=(pool(1, ttl=60),)))
    desk.end.set()
    await done(tasks)

    assert desk.most == 1


async def test_who_is_cancelled_gives_the_place_back() -> None:
    faults = having(pool(1))
    desk = Desk(faults)

    first, second, third = await desk.started(3)
    await until(lambda: faults.waiting == 2)
    second.cancel()
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    await until(lambda: desk.inside[-1:] == [2])
    desk.end.set()
    await done([third])

    assert faults.waiting == 0


async def test_who_is_cancelled_in_the_moment_of_being_let_in_gives_the_place_back() -> None:
    faults = having(pool(1))
    desk = Desk(faults)

    first, second, third = await desk.started(3)
    await until(lambda: faults.waiting == 2)
    desk.end.set()
    await first  # which lets the second one in, who has not gone on yet
    second.cancel()
    await done([third])

    async with asyncio.timeout(1), faults.pool("store", desk.place):
        pass


async def test_an_error_inside_leaves_the_pool() -> None:
    faults = having(pool(1))

    async def fail() -> None:
        async with faults.pool("store", "SELECT products"):
            raise ValueError

    for _ in range(3):
        with pytest.raises(ValueError, match=r"^$"):
            await fail()


async def test_a_pool_is_of_its_place_and_of_its_side() -> None:
    faults = having(pool(1, where={"operation": "products"}))
    desk, other = Desk(faults), Desk(faults, "SELECT tags")

    tasks = await desk.started(2) + await other.started(2)
    await until(lambda: len(other.inside) == 2)
    async with faults.pool("client", "GET /products", "catalog"):
        assert faults.waiting == 1
    desk.end.set()
    other.end.set()
    await done(tasks)


async def test_calls_to_one_peer_have_a_pool_of_their_own() -> None:
    faults = having(pool(1, "client", where={"peer": "bank"}))

    async with faults.pool("client", "POST /charges", "bank"):
        async with faults.pool("client", "POST /charges", "carrier"):
            assert faults.waiting == 0
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), faults.pool("client", "POST /charges", "bank"):
                raise AssertionError("the pool has no free slot")


async def test_when_too_many_wait_nobody_waits_for_a_pool() -> None:
    faults = having(pool(1))
    faults.waiting = MOST_WAITING

    async with faults.pool("store", "SELECT x"), faults.pool("store", "SELECT x"):
        assert faults.overflow == 2


async def test_who_had_to_wait_says_so_on_the_span_around_it(
    tracer: Tracer, spans: InMemorySpanExporter
) -> None:
    faults = having(pool(1))
    desk = Desk(faults)

    async def traced(work: Callable[[], Awaitable[None]]) -> None:
        with tracer.start_as_current_span("GET /products"):
            await work()

    first = asyncio.create_task(traced(lambda: desk.work(1)))
    await until(lambda: desk.inside)
    second = asyncio.create_task(traced(lambda: desk.work(2)))
    await until(lambda: faults.waiting)
    desk.end.set()
    await done([first, second])

    quick, slow = [dict(span.attributes or {}) for span in spans.get_finished_spans()]
    assert quick == {}
    assert (slow["acmeshop.fault.id"], slow["acmeshop.fault.type"]) == ("narrow-one", "pool")
    assert isinstance(delay := slow["acmeshop.fault.delay_ms"], float)
    assert delay > 0


async def test_without_a_pool_every_call_gets_the_same_null_context() -> None:
    faults = having()

    assert faults.pool("store", "SELECT x") is faults.pool("client", "GET /x", "y")
