"""The marks of a visible fault: on the span it was injected into, and in the log beside it."""

from contextlib import suppress
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from chaos.engine.model import Fault, Snapshot
from shared.errors import ShopError
from tests.chaos.engine.logged import listening
from tests.chaos.engine.pair import Pair
from tests.faulty import faults_in

SLOW = {"id": "slow-one", "effect": {"type": "latency", "ms": 2}}
SLOWER = {"id": "slower-one", "effect": {"type": "latency", "ms": 3, "position": "after"}}
DOWN = {"id": "down-one", "effect": {"type": "error", "status": 503}}
ODD = {
    "id": "odd-one",
    "where": {"side": "point"},
    "effect": {"type": "behavior", "name": "fallback"},
}


def put(pair: Pair, *faults: dict[str, Any]) -> None:
    faults_in(pair.orders).replace(Snapshot(faults=tuple(map(Fault.model_validate, faults))))


def marks(pair: Pair) -> dict[str, Any]:
    attributes = pair.server.attributes or {}
    return {
        key.removeprefix("acmeshop.fault."): value
        for key, value in attributes.items()
        if key.startswith("acmeshop.fault.")
    }


def value_of(pair: KeyValue) -> str | float:
    return pair.value.string_value or pair.value.double_value


def attributes_of(event: LogRecord) -> dict[str, str | float]:
    found = {pair.key: value_of(pair) for pair in event.attributes}
    return {key: value for key, value in found.items() if key.startswith("acmeshop.")}


async def test_the_one_that_ends_the_work_is_named_and_the_others_are_counted(pair: Pair) -> None:
    put(pair, SLOW, DOWN)

    with suppress(ShopError):
        await pair.ask()

    assert marks(pair) == {"id": "down-one", "type": "error", "count": 2, "delay_ms": 2}


async def test_all_that_delays_is_added_up(pair: Pair) -> None:
    put(pair, SLOW, SLOWER)

    await pair.ask()

    assert marks(pair) == {"id": "slow-one", "type": "latency", "count": 2, "delay_ms": 5}


async def test_a_later_fault_on_the_same_span_is_counted_too(pair: Pair) -> None:
    put(pair, SLOW, ODD)

    pair.work.append(lambda: faults_in(pair.orders).behaves("fallback"))
    await pair.ask()

    assert marks(pair) == {"id": "slow-one", "type": "latency", "count": 2, "delay_ms": 2}


async def test_each_fault_leaves_one_event_in_the_log_beside_its_span(pair: Pair) -> None:
    put(pair, SLOW, DOWN)

    with listening() as said, suppress(ShopError):
        await pair.ask()

    events = said.events()
    assert [event.event_name for event in events] == ["acmeshop.fault.injected"] * 2
    context = pair.server.context
    assert context is not None
    assert {event.span_id for event in events} == {context.span_id.to_bytes(8, "big")}
    assert {event.trace_id for event in events} == {context.trace_id.to_bytes(16, "big")}
    assert [attributes_of(event) for event in events] == [
        {"acmeshop.fault.id": "down-one", "acmeshop.fault.type": "error"},
        {
            "acmeshop.fault.id": "slow-one",
            "acmeshop.fault.type": "latency",
            "acmeshop.fault.delay_ms": 2,
        },
    ]
    assert any('"event": "acmeshop.fault.injected"' in line for line in said.printed)


async def test_without_a_fault_there_is_no_event(pair: Pair) -> None:
    put(pair, DOWN | {"rate": 0})

    with listening() as said:
        await pair.ask()

    assert said.events() == []
    assert marks(pair) == {}
