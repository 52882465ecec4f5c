"""Work that leaves no spans, neither here nor in the services that are called from it."""

from collections.abc import Iterator

import pytest
from opentelemetry import propagate, trace
from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, attach, detach, get_value
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.settings import OrdersSettings
from shared.telemetry import current
from shared.telemetry.provider import Telemetry
from shared.telemetry.suppression import suppress_instrumentation

tracer = trace.get_tracer(__name__)


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture(autouse=True)
def _in_orders(spans: InMemorySpanExporter) -> Iterator[None]:
    current.install()
    token = attach(current.with_telemetry(Telemetry.open(OrdersSettings(), spans)))
    yield
    detach(token)


def names(spans: InMemorySpanExporter) -> list[str]:
    return [span.name for span in spans.get_finished_spans()]


def test_nothing_inside_is_recorded_and_what_comes_after_is(spans: InMemorySpanExporter) -> None:
    with suppress_instrumentation(), tracer.start_as_current_span("look"):
        tracer.start_span("read").end()
    tracer.start_span("repair").end()
    assert names(spans) == ["repair"]


def test_a_service_that_is_called_from_there_is_told_not_to_record() -> None:
    headers: dict[str, str] = {}
    with tracer.start_as_current_span("recovery") as span, suppress_instrumentation():
        propagate.inject(headers)
    _, trace_id, span_id, flags = headers["traceparent"].split("-")
    assert trace_id == f"{span.get_span_context().trace_id:032x}"
    assert span_id != f"{span.get_span_context().span_id:016x}"
    assert flags == "00"


def test_instrumentation_libraries_see_the_key_of_the_api() -> None:
    with suppress_instrumentation():
        assert get_value(_SUPPRESS_INSTRUMENTATION_KEY)
    assert not get_value(_SUPPRESS_INSTRUMENTATION_KEY)
