"""A checkout with gRPC between orders and payment (ACME_INTERNAL=grpc) is the same checkout."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind

from chaos.engine.model import Fault, Snapshot
from shared.contracts.payment_messages import METHODS
from tests.shared.rpc import free_port
from tests.shop.buying import CARD, DECLINED, USER, in_bank, order_body, orders, submit
from tests.shop.conftest import OpenWorld
from tests.shop.mortal import PATIENCE, World
from traces.model import Span, Trace
from traces.testing import InMemory

# What the spans are called over HTTP.
OVER_HTTP = {method.name: method.place for method in METHODS.values()}
CODE = {"ccv": "987"}
WRONG = [DECLINED, CARD | {"number": "411"}, CARD | {"expMonth": "13"}, CARD | {"expYear": "2001"}]


def grpc_inside() -> dict[str, str]:
    """Settings by which orders calls payment over gRPC, on a port that is free now."""
    port = str(free_port())
    url = f"http://127.0.0.1:{port}"
    return {"ACME_INTERNAL": "grpc", "PAYMENT_GRPC_PORT": port, "PAYMENT_GRPC_URL": url}


@pytest.fixture
async def world(worlds: OpenWorld) -> AsyncIterator[World]:
    async with worlds(**grpc_inside()) as one:
        yield one


def of_payment(world: World, kind: SpanKind) -> list[ReadableSpan]:
    """The spans of calls of payment over gRPC, in order."""
    found = [
        span
        for span in world.spans.get_finished_spans()
        if span.kind is kind and span.name in OVER_HTTP
    ]
    return sorted(found, key=lambda span: span.start_time or 0)


def shape(world: World) -> list[tuple[int, str, str, str, bool]]:
    """The checkout's trace, row by row: depth, service, kind, name, and whether it failed."""
    (root,) = (
        span
        for span in world.spans.get_finished_spans()
        if span.name == "POST /users/{user_id}/orders"
    )
    found = InMemory(world.spans).trace(format(root.context.trace_id, "032x")).trace
    return [row for span in found.roots for row in below(found, span, 0)]


def below(trace: Trace, span: Span, depth: int) -> list[tuple[int, str, str, str, bool]]:
    name = OVER_HTTP.get(span.name, span.name)
    children = sorted(trace.children_of(span), key=lambda child: child.start_ns)
    further = [row for child in children for row in below(trace, child, depth + 1)]
    return [(depth, span.service, span.kind.name, name, span.failed), *further]


async def bought(worlds: OpenWorld, card: dict[str, str], **environ: str) -> list[Any]:
    async with worlds(**environ) as world:
        await world.end("shipping")  # which takes part in its own time
        world.spans.clear()
        await submit(world, card=card | CODE)
        return shape(world)


@pytest.mark.parametrize("card", [CARD, DECLINED], ids=["charged", "declined and voided"])
async def test_the_trace_has_the_same_shape(worlds: OpenWorld, card: dict[str, str]) -> None:
    over_http = await bought(worlds, card)
    over_grpc = await bought(worlds, card, **grpc_inside())

    assert (2, "payment", "SERVER", "POST /charges", False) in over_grpc
    assert over_grpc == over_http


async def answers(worlds: OpenWorld, **environ: str) -> list[tuple[int, str]]:
    """What buyers with these cards are answered."""
    async with worlds(**environ) as world:
        found = [
            await submit(world, f"order-key-{n}", card=card | CODE) for n, card in enumerate(WRONG)
        ]
        assert {order["state"] for order in orders(world).values()} == {"cancelled"}
        return [(response.status_code, response.text) for response in found]


async def test_a_refused_card_is_answered_alike(worlds: OpenWorld) -> None:
    over_http = await answers(worlds)

    assert await answers(worlds, **grpc_inside()) == over_http
    assert {status for status, _ in over_http} == {402}


async def decisions(worlds: OpenWorld, **environ: str) -> list[tuple[str, int, bool]]:
    """What was drawn for each attempt to charge, of one person's orders: where, which attempt, and
    whether it failed.
    """
    async with worlds(PAYMENT_FAILURE_RATE="0.5", **environ) as world:
        for step in range(8):
            headers = {
                "idempotency-key": f"order-key-{step}",
                "baggage": f"session.id=ann-1234,acmeshop.step={step}",
            }
            path = f"/users/{USER}/orders"
            await world.ask("POST", "orders", path, json=order_body(), headers=headers)
        hits = world.hooks["payment"].engine.ledger
        return [(f"{hit.place} {hit.hop}", hit.attempt, hit.fired) for hit in hits]


async def test_the_same_faults_fire_in_the_same_attempts(worlds: OpenWorld) -> None:
    over_http = await decisions(worlds)
    over_grpc = await decisions(worlds, **grpc_inside())

    assert {fired for _, _, fired in over_http} == {True, False}
    assert over_grpc == over_http


@pytest.mark.parametrize("position", ["before", "after"])
async def test_after_a_timeout_the_order_is_charged_once(worlds: OpenWorld, position: str) -> None:
    late = Fault.model_validate(
        {
            "id": "late",
            "where": {"side": "server", "route": "POST /charges"},
            "max_hits": 1,
            "effect": {"type": "latency", "ms": 60_000, "position": position},
        }
    )
    async with worlds(ACME_TIMEOUT_MS="5000", **grpc_inside()) as world:
        world.hooks["payment"].engine.replace(Snapshot(faults=(late,)))

        response = await submit(world)

        assert response.status_code == 201
        assert list(in_bank(world).values()) == [71_90]
        codes = [
            (span.attributes or {})["rpc.response.status_code"]
            for span in of_payment(world, SpanKind.CLIENT)
        ]
        assert codes == ["DEADLINE_EXCEEDED", "OK"]


async def test_an_order_is_submitted_again_after_payment_was_away(world: World) -> None:
    await world.end("payment")
    away = await submit(world, "one-and-the-same")
    await world.begin("payment")

    assert away.status_code == 503
    async with asyncio.timeout(PATIENCE):  # the breaker may have opened meanwhile
        while (await submit(world, "one-and-the-same")).status_code != 200:
            pass
    assert list(in_bank(world).values()) == [71_90]


async def test_no_span_and_no_log_line_has_anything_of_the_card(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for card in WRONG:
        await submit(world, card=card | CODE)

    written = [span.to_json() for span in world.spans.get_finished_spans()] + caplog.messages
    assert of_payment(world, SpanKind.SERVER)
    for secret in ("4000000000000002", "4000 0000 0000 0002", "4111111111111111"):
        assert not any(secret in text for text in written)


async def test_in_the_mixed_profile_the_call_says_as_what_its_context_was_read(
    worlds: OpenWorld,
) -> None:
    async with worlds(ACME_PROFILE="mixed", **grpc_inside()) as world:
        assert (await submit(world)).status_code == 201

        (call,) = of_payment(world, SpanKind.CLIENT)
        (work,) = of_payment(world, SpanKind.SERVER)
        assert call.context is not None
        assert work.parent is not None
        assert work.parent.span_id == call.context.span_id
        assert work.attributes is not None
        assert work.attributes["acmeshop.propagation.read_as"] == "b3multi"
        assert call.attributes is not None
        assert call.attributes["acmeshop.propagation.sent"] == ("b3multi",)
