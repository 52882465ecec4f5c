"""Work that leaves no spans, neither here nor in the services that are called from it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from opentelemetry import propagate, trace
from opentelemetry.context import (
    _SUPPRESS_INSTRUMENTATION_KEY,
    attach,
    detach,
    get_value,
    set_value,
)
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.runtime import Runtime
from shared.settings import OrdersSettings
from shared.telemetry import current, global_providers
from shared.telemetry.provider import Telemetry
from shared.telemetry.suppression import suppress_instrumentation

tracer = trace.get_tracer(__name__)


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture(autouse=True)
def _in_orders(spans: InMemorySpanExporter) -> Iterator[None]:
    global_providers.install()
    token = attach(current.with_telemetry(Telemetry.open(OrdersSettings(), spans)))
    yield
    detach(token)


class Callee(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={}, request=request)


def names(spans: InMemorySpanExporter) -> list[str]:
    return [span.name for span in spans.get_finished_spans()]


def test_nothing_inside_is_recorded_and_what_comes_after_is(spans: InMemorySpanExporter) -> None:
    with suppress_instrumentation(), tracer.start_as_current_span("look"):
        tracer.start_span("read").end()
    tracer.start_span("repair").end()
    assert names(spans) == ["repair"]


def test_suppression_clears_the_sampled_flag_sent_to_callees() -> None:
    headers: dict[str, str] = {}
    with tracer.start_as_current_span("recovery") as span, suppress_instrumentation():
        propagate.inject(headers)
    _, trace_id, span_id, flags = headers["traceparent"].split("-")
    assert trace_id == f"{span.get_span_context().trace_id:032x}"
    assert span_id != f"{span.get_span_context().span_id:016x}"
    assert flags == "00"


async def test_the_platforms_spans_are_suppressed_by_the_key_of_the_api_alone(
    spans: InMemorySpanExporter, tmp_path: Path
) -> None:
    async with Runtime.open(
        OrdersSettings(data=tmp_path), transport=Callee(), exporter=spans
    ) as runtime:
        store, cart = runtime.stores.documents("orders"), runtime.peers.service("cart")

        async def work() -> None:
            await cart.get("/carts/{user_id}", dict, user_id="guest")
            await store.get("12345")

        token = attach(set_value(_SUPPRESS_INSTRUMENTATION_KEY, True))
        with tracer.start_as_current_span("by hand"):
            await work()
        detach(token)
        assert names(spans) == ["by hand"]

        spans.clear()
        await work()
        assert names(spans) == ["GET /carts/{user_id}", "SELECT orders"]


def test_instrumentation_libraries_see_the_key_of_the_api() -> None:
    with suppress_instrumentation():
        assert get_value(_SUPPRESS_INSTRUMENTATION_KEY)
    assert not get_value(_SUPPRESS_INSTRUMENTATION_KEY)
