"""Every effect on the sides of a service that are no calls: what exactly their spans say of it."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from chaos.engine.effect import ON_SIDE
from chaos.engine.model import Fault, Snapshot
from chaos.engine.reader import TYPES
from shared.errors import Unavailable
from shared.runtime import Runtime
from tests.faulty import faults_in

OK, MARKS = None, ("acmeshop.fault.id", "acmeshop.fault.type")
# The effect, the `error.type` that the span then has, and whether it is marked.
STORE: list[tuple[dict[str, Any], str | None, bool]] = [
    ({"type": "latency", "ms": 1}, OK, True),
    ({"type": "hang", "max_s": 0.01}, "timeout", True),
    ({"type": "connect_error"}, "ConnectionError", True),
    ({"type": "connect_error", "kind": "timeout"}, "ConnectionError", True),
    ({"type": "pool"}, OK, False),
]
SENDING: list[tuple[dict[str, Any], str | None, int]] = [
    ({"type": "latency", "ms": 1}, OK, 1),
    ({"type": "connect_error"}, "ConnectionError", 0),
    ({"type": "duplicate"}, OK, 2),
    ({"type": "drop"}, OK, 0),
    ({"type": "poison"}, OK, 1),
]
POINT: list[tuple[dict[str, Any], str | None]] = [
    ({"type": "exception", "name": "KeyError"}, "KeyError"),
    ({"type": "latency", "ms": 1}, OK),
    ({"type": "hang", "max_s": 0.01}, "TimeoutError"),
    ({"type": "cpu", "ms": 1}, OK),
    ({"type": "leak", "kib": 1}, OK),
]

ELSEWHERE: dict[str, set[str]] = {
    "store": set(),
    "stream": {"exception"},  # of a handler, not of a sender
    "point": {"behavior", "crash"},
}


def inject(runtime: Runtime, side: str, effect: dict[str, Any]) -> None:
    content = {"id": "the-fault", "where": {"side": side}, "effect": effect}
    faults_in(runtime).replace(Snapshot(faults=(Fault.model_validate(content),)))


def said(span: ReadableSpan) -> tuple[Any, ...]:
    """The `error.type`, if it is red, and the marks."""
    attributes = span.attributes or {}
    red = StatusCode.ERROR if "error.type" in attributes else StatusCode.UNSET
    assert span.status.status_code is red
    return tuple(attributes.get(key) for key in ("error.type", *MARKS))


def named(case: Any) -> str | None:
    return "-".join(map(str, case.values())) if isinstance(case, dict) else ""


def operations(runtime: Runtime) -> dict[str, Callable[[], Awaitable[Any]]]:
    documents, keys = runtime.stores.documents("parcels"), runtime.stores.redis()
    return {
        "SELECT parcels": lambda: documents.get("1"),
        "GET cart": lambda: keys.run("GET", "cart", lambda client: client.get("x")),
    }


@pytest.mark.parametrize("operation", ["SELECT parcels", "GET cart"])
@pytest.mark.parametrize(("effect", "error", "is_marked"), STORE, ids=named)
async def test_an_operation_of_a_store_says_what_it_suffered(
    shipping: Runtime,
    spans: InMemorySpanExporter,
    operation: str,
    effect: dict[str, Any],
    error: str | None,
    is_marked: bool,
) -> None:
    work = operations(shipping)[operation]
    inject(shipping, "store", effect)

    with suppress(Unavailable):
        await work()

    assert faults_in(shipping).registry.tallies["the-fault"].fired == 1
    [span] = [span for span in spans.get_finished_spans() if span.name == operation]
    marks = ("the-fault", effect["type"]) if is_marked else (None, None)
    assert said(span) == (error, *marks)


@pytest.mark.parametrize(("effect", "error", "arrived"), SENDING, ids=named)
async def test_the_span_of_a_sender_says_what_it_suffered(
    shipping: Runtime,
    spans: InMemorySpanExporter,
    effect: dict[str, Any],
    error: str | None,
    arrived: int,
) -> None:
    inject(shipping, "stream", effect)

    with suppress(Unavailable):
        await shipping.stores.stream("order.placed").publish({"order_id": "1"})

    [span] = [span for span in spans.get_finished_spans() if span.name == "send order.placed"]
    assert said(span) == (error, "the-fault", effect["type"])
    assert await shipping.stores.redis().client.xlen("order.placed") == arrived


@pytest.mark.parametrize(("effect", "error"), POINT, ids=named)
async def test_the_span_around_a_named_point_says_what_it_suffered(
    shipping: Runtime, spans: InMemorySpanExporter, effect: dict[str, Any], error: str | None
) -> None:
    inject(shipping, "point", effect)

    raised = None
    with shipping.telemetry.tracer.start_as_current_span("charge"):
        try:
            await shipping.hooks.point("payment.charge")
        except (KeyError, TimeoutError) as mistake:  # what the service's own code would meet
            raised = type(mistake).__name__

    assert raised == error
    [span] = spans.get_finished_spans()
    assert said(span) == (None, "the-fault", effect["type"])


def test_no_effect_is_left_out() -> None:
    shown: dict[str, list[Any]] = {"store": STORE, "stream": SENDING, "point": POINT}
    for side, cases in shown.items():
        here = {name for name, kind in TYPES.items() if kind in ON_SIDE[side]}  # type: ignore[index]
        assert here - ELSEWHERE[side] == {case[0]["type"] for case in cases}
