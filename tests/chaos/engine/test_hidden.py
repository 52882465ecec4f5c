"""Failures that nobody may recognise as ordered: each byte that leaves a service is looked at."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan

from chaos.engine.effect import ON_SIDE
from chaos.engine.model import Fault, Snapshot
from chaos.engine.reader import TYPES
from shared.errors import ShopError
from shared.telemetry.encode import encode_spans
from tests.chaos.engine.logged import listening
from tests.chaos.engine.pair import Pair, until
from tests.faulty import faults_in

GIVEN_AWAY = (b"fault", b"moody", b"sabotage", b"inject", b"chaos", b"ordered to")
NEEDED: dict[str, dict[str, Any]] = {
    "latency": {"ms": 1},
    "cpu": {"ms": 1},
    "leak": {"kib": 1},
    "rate_limit": {"per_second": 0.001},
    "hang": {"max_s": 0.01},
    "drip": {"interval_ms": 1},
}
NOT_HERE = {"crash", "unready"}
AFTER: list[dict[str, Any]] = [
    {"type": "reset", "position": "after"},
    {"type": "latency", "ms": 1, "position": "after"},
]


def effects(side: Any) -> list[dict[str, Any]]:
    names = [name for name, kind in TYPES.items() if kind in ON_SIDE[side]]
    return [{"type": n, **NEEDED.get(n, {})} for n in names if n not in NOT_HERE] + AFTER


def snapshot(side: str, hidden: bool, effect: dict[str, Any]) -> Snapshot:
    content = {"id": "moody-thing", "title": "sabotage", "where": {"side": side}, "effect": effect}
    return Snapshot(faults=(Fault.model_validate(content | {"hidden": hidden}),))


async def received(pair: Pair) -> bytes:
    """All the bytes that orders answers with, as far as they come."""
    host, port = pair.gateway.settings.urls["orders"].removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /order/1 HTTP/1.1\r\nhost: orders\r\nconnection: close\r\n\r\n")
    answer = b""
    with suppress(OSError):
        while part := await reader.read(4096):
            answer += part
    writer.close()
    return answer


async def leaving(pair: Pair, side: str, effect: dict[str, Any], hidden: bool) -> bytes:
    """All that leaves both services while this is injected: answers, spans, log lines."""
    pair.spans.clear()
    pair.done.clear()
    faults = faults_in(pair.orders if side == "server" else pair.gateway)
    faults.replace(snapshot(side, hidden, effect))
    with listening() as said:
        raw = await received(pair)
        for _ in range(2):
            with suppress(ShopError):
                await pair.peer.post("/orders", dict, {})
        assert faults.registry.tallies["moody-thing"].fired
        served = 3 if side == "server" else len(pair.done)
        await until(lambda: len(pair.spans.get_finished_spans()) == 2 + served)
    faults.replace(Snapshot())
    return raw + encode_spans(pair.spans.get_finished_spans()) + said.bytes()


def given_away(output: bytes) -> list[bytes]:
    """The words that give it away; the folder of these tests is in stack traces, and is none."""
    rest = output.replace(str(Path(__file__).parent).encode(), b"").lower()
    return [word for word in GIVEN_AWAY if word in rest]


@pytest.mark.parametrize("side", ["server", "client"])
async def test_no_byte_gives_a_hidden_fault_away(pair: Pair, side: str) -> None:
    for effect in effects(side):
        assert given_away(await leaving(pair, side, effect, hidden=True)) == [], effect


@pytest.mark.parametrize("side", ["server", "client"])
async def test_these_bytes_would_give_it_away(pair: Pair, side: str) -> None:
    for effect in effects(side):
        output = await leaving(pair, side, effect, hidden=False)
        assert (b"fault" in output) is (effect["type"] != "pool"), effect


async def test_a_hidden_fault_hides_those_injected_with_it(pair: Pair) -> None:
    slow = {"id": "moody-thing", "hidden": True, "effect": {"type": "latency", "ms": 1}}
    down = {"id": "down-thing", "effect": {"type": "error"}}
    faults_in(pair.orders).replace(Snapshot(faults=tuple(map(Fault.model_validate, (slow, down)))))

    with pytest.raises(ShopError) as raised:
        await pair.ask()

    assert "fault" not in f"{raised.value} {encode_spans(pair.spans.get_finished_spans())!r}"
    assert [hit.fault for hit in faults_in(pair.orders).ledger] == ["down-thing", "moody-thing"]


def looks(span: ReadableSpan) -> tuple[Any, ...]:
    """A span without the marks, and without what is never twice the same."""
    attributes = {
        key: value for key, value in (span.attributes or {}).items() if ".fault." not in key
    }
    return (
        span.name,
        span.status.status_code.name,
        str(attributes.get("error.type")),
        sorted(attributes),
    )


@pytest.mark.parametrize("side", ["server", "client"])
async def test_but_for_its_marks_a_fault_that_is_seen_is_the_same(pair: Pair, side: str) -> None:
    for effect in effects(side):
        seen = []
        for hidden in (True, False):
            await leaving(pair, side, effect, hidden)
            seen.append(sorted(map(looks, pair.spans.get_finished_spans())))
        assert seen[0] == seen[1], effect


async def test_the_ledger_knows_the_span_of_a_hidden_one(pair: Pair) -> None:
    faults_in(pair.orders).replace(snapshot("server", True, {"type": "error"}))

    with suppress(ShopError):
        await pair.ask()

    [hit] = faults_in(pair.orders).ledger
    assert pair.server.context is not None
    assert int(hit.span_id, 16) == pair.server.context.span_id
    assert int(hit.trace_id, 16) == pair.server.context.trace_id
