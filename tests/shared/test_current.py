"""The OpenTelemetry API, used as tutorials use it, in services that share a process or have one."""

import asyncio
import importlib.util
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread
from typing import Any, Self

import httpx
import pytest
from opentelemetry import context as otel
from opentelemetry import metrics, propagate, trace
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from shared.runtime import Runtime
from shared.settings import SETTINGS, TelemetrySettings
from shared.telemetry import current, global_providers
from shared.telemetry.current import with_telemetry
from shared.telemetry.provider import Telemetry
from tests.learner import AT_IMPORT, AT_START, NEVER, write_learner
from tests.shared.test_tracebacks import caller

ROOT = Path(__file__).resolve().parents[2]

# Made before anything is set up, as at the top of a module.
tracer = trace.get_tracer(__name__)
meter = metrics.get_meter(__name__)
counter = meter.create_counter("things")
level = meter.create_up_down_counter("level")
sizes = meter.create_histogram("sizes", explicit_bucket_boundaries_advisory=[1, 10])
temperature = meter.create_gauge("temperature")


class Service:
    """A service's telemetry, and what came of it."""

    def __init__(self, name: str, telemetry: TelemetrySettings | None = None) -> None:
        self._spans, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        settings = SETTINGS[name](telemetry=telemetry or TelemetrySettings())
        self.telemetry = Telemetry.open(settings, self._spans)
        self.telemetry.meter_provider = MeterProvider([self._reader], self.telemetry.resource)

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self._spans.get_finished_spans())

    @property
    def names(self) -> list[str]:
        return [span.name for span in self.spans]

    @property
    def points(self) -> dict[str, Any]:
        """Each metric's last data point."""
        data = self._reader.get_metrics_data()
        return {
            metric.name: metric.data.data_points[-1]
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def __enter__(self) -> Self:
        self._token = otel.attach(with_telemetry(self.telemetry))
        return self

    def __exit__(self, *_: object) -> None:
        otel.detach(self._token)


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    global_providers.install()
    monkeypatch.setattr(current.Default, "providers", current.Nothing())


@pytest.fixture
def orders() -> Service:
    return Service("orders")


@pytest.fixture
def shipping() -> Service:
    return Service("shipping")


def named(span: ReadableSpan) -> Any:
    return span.resource.attributes["service.name"]


def test_one_tracer_gives_each_service_its_own_spans(orders: Service, shipping: Service) -> None:
    for service, name in ((orders, "price"), (shipping, "pack"), (orders, "charge")):
        with service, tracer.start_as_current_span(name, attributes={"by": name}):
            tracer.start_span("inside").end()

    assert orders.names == ["inside", "price", "inside", "charge"]
    assert shipping.names == ["inside", "pack"]
    assert [named(span) for span in shipping.spans] == ["shipping", "shipping"]
    inside, pack = shipping.spans
    assert inside.parent == pack.context
    assert pack.instrumentation_scope is not None
    assert pack.instrumentation_scope.name == __name__


def test_an_exception_is_recorded_without_the_frames_of_hidden_packages(
    orders: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = caller(monkeypatch, "hidden_one", hidden=True)
    with orders, pytest.raises(TypeError), tracer.start_as_current_span("price"):
        hidden(None)

    [event] = orders.spans[0].events
    assert "hidden_one" not in str((event.attributes or {})["exception.stacktrace"])


def test_an_exception_is_recorded_and_makes_the_span_an_error(orders: Service) -> None:
    with (
        orders,
        pytest.raises(ValueError, match="too expensive"),
        tracer.start_as_current_span("price"),
    ):
        raise ValueError("too expensive")

    (span,) = orders.spans
    assert span.status.status_code is StatusCode.ERROR
    assert [event.name for event in span.events] == ["exception"]


def test_a_span_can_be_left_open(orders: Service) -> None:
    with orders:
        with tracer.start_as_current_span("price", end_on_exit=False) as span:
            pass
        assert orders.names == []
        span.end()
    assert orders.names == ["price"]


async def test_a_tracer_decorates_functions_and_coroutines(orders: Service) -> None:
    @tracer.start_as_current_span("price")
    def price() -> str:
        return getattr(trace.get_current_span(), "name", "none")

    @tracer.start_as_current_span("charge")
    async def charge() -> str:
        await asyncio.sleep(0)
        return getattr(trace.get_current_span(), "name", "none")

    assert price() == "none"
    with orders:
        assert (price(), await charge()) == ("price", "charge")
    assert orders.names == ["price", "charge"]


def test_each_service_counts_for_itself(orders: Service, shipping: Service) -> None:
    for service, amount in ((orders, 1), (shipping, 5), (orders, 2)):
        with service:
            counter.add(amount, {"kind": "book"})
            level.add(-amount)
            sizes.record(amount)
            temperature.set(amount)

    points = orders.points
    assert points["things"].value == 3
    assert dict(points["things"].attributes) == {"kind": "book"}
    assert points["level"].value == -3
    assert (points["sizes"].count, points["sizes"].explicit_bounds) == (2, (1, 10))
    assert points["temperature"].value == 2
    assert shipping.points["things"].value == 5


def test_work_in_no_service_records_nothing(orders: Service) -> None:
    with tracer.start_as_current_span("nobody's") as span:
        assert not span.is_recording()
        counter.add(1)
    assert (orders.names, orders.points) == ([], {})


def test_a_thread_without_a_context_works_for_the_service_of_the_process(orders: Service) -> None:
    def work() -> None:
        with tracer.start_as_current_span("nightly"):
            counter.add(1)

    global_providers.set_default(orders.telemetry)
    thread = Thread(target=work)
    thread.start()
    thread.join()

    assert orders.names == ["nightly"]
    assert orders.points["things"].value == 1


def observe(_: CallbackOptions) -> Iterator[Observation]:
    yield Observation(7)


def test_an_observation_belongs_to_the_service_that_made_it(
    orders: Service, shipping: Service
) -> None:
    with orders:
        meter.create_observable_gauge("lag", [observe])
        meter.create_observable_counter("seen", [observe])
        meter.create_observable_up_down_counter("open", [observe])

    assert {name: point.value for name, point in orders.points.items()} == {
        "lag": 7,
        "seen": 7,
        "open": 7,
    }
    assert shipping.points == {}


def test_what_a_module_observes_waits_for_the_service_of_the_process(
    orders: Service, shipping: Service
) -> None:
    meter.create_observable_gauge("lag", [observe])
    meter.create_observable_counter("seen", [observe])
    meter.create_observable_up_down_counter("open", [observe])

    global_providers.set_default(orders.telemetry)
    global_providers.set_default(shipping.telemetry)

    assert set(orders.points) == {"lag", "seen", "open"}
    assert shipping.points == {}


def test_the_global_provider_is_that_of_the_service_at_work(orders: Service) -> None:
    provider: Any = trace.get_tracer_provider()
    mine = InMemorySpanExporter()
    with orders:
        assert provider.resource.attributes["service.name"] == "orders"
        provider.add_span_processor(SimpleSpanProcessor(mine))
        tracer.start_span("price").end()
        provider.force_flush()

    assert orders.names == [span.name for span in mine.get_finished_spans()] == ["price"]
    assert not hasattr(provider, "resource")


def test_the_global_propagator_speaks_the_formats_of_the_service_at_work() -> None:
    orders = Service("orders", TelemetrySettings(propagators=("b3", "baggage")))
    shipping = Service("shipping", TelemetrySettings(propagators=("tracecontext",)))
    sent: dict[str, dict[str, str]] = {"orders": {}, "shipping": {}}
    for name, service in (("orders", orders), ("shipping", shipping)):
        with service, tracer.start_as_current_span("call") as span:
            propagate.inject(sent[name])
            found = trace.get_current_span(propagate.extract(sent[name])).get_span_context()
            assert found.span_id == span.get_span_context().span_id
            assert set(sent[name]) <= propagate.get_global_textmap().fields

    assert set(sent["orders"]) == {"b3"}
    assert set(sent["shipping"]) == {"traceparent"}


def test_without_a_service_the_global_propagator_speaks_the_apis_formats() -> None:
    assert {"traceparent", "baggage"} <= propagate.get_global_textmap().fields


def test_a_service_that_is_not_traced_makes_spans_that_record_nothing() -> None:
    service = Service("orders", TelemetrySettings(disabled=True))
    with service, tracer.start_as_current_span("price") as span:
        assert not span.is_recording()
    assert service.names == []


@asynccontextmanager
async def learner_shop(
    folder: Path, provider: dict[str, str], tmp_path: Path
) -> AsyncIterator[tuple[InMemorySpanExporter, dict[str, httpx.AsyncClient]]]:
    """Two services in this process with the same routes: a learner's."""
    spec = importlib.util.spec_from_file_location("learner", write_learner(folder, provider))
    assert spec is not None
    assert spec.loader is not None
    learner = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(learner)
    spans = InMemorySpanExporter()
    names = ("articles", "suggestions")
    opened = [Runtime.open(SETTINGS[name](data=tmp_path), exporter=spans) for name in names]
    async with opened[0] as articles, opened[1] as suggestions:
        apps = [learner.create_app(runtime) for runtime in (articles, suggestions)]
        yield (
            spans,
            {
                name: httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")
                for name, app in zip(names, apps, strict=True)
            },
        )


@pytest.mark.parametrize("provider", [NEVER, AT_IMPORT, AT_START], ids=["no", "import", "start"])
async def test_a_learners_route_has_one_span_under_one_server_span(
    provider: dict[str, str], tmp_path: Path
) -> None:
    async with learner_shop(tmp_path, provider, tmp_path) as (spans, clients):
        for name, client in clients.items():
            spans.clear()
            async with client:
                assert (await client.get("/mine")).status_code == 200

            mine, server = spans.get_finished_spans()
            assert (mine.name, mine.kind) == ("my work", SpanKind.INTERNAL)
            assert (server.name, server.kind) == ("GET /mine", SpanKind.SERVER)
            assert mine.parent == server.context
            assert [event.name for event in mine.events] == ["half done"]
            assert named(mine) == named(server) == name


async def test_what_a_service_starts_and_repeats_makes_its_own_spans(tmp_path: Path) -> None:
    spans, done = InMemorySpanExporter(), asyncio.Event()

    async def start() -> None:
        with tracer.start_as_current_span("start"):
            counter.add(1)

    async def work() -> None:
        with tracer.start_as_current_span("work"):
            done.set()

    names = ("articles", "suggestions")
    opened = [Runtime.open(SETTINGS[name](data=tmp_path), exporter=spans) for name in names]
    async with opened[0] as articles, opened[1] as suggestions:
        articles.life.starting(start)
        suggestions.life.every(60, work)
        await suggestions.start()
        await articles.start()
        await asyncio.wait_for(done.wait(), 10)

    found = {(span.name, named(span)) for span in spans.get_finished_spans()}
    assert found == {("start", "articles"), ("work", "suggestions")}


FIRST = """
import asyncio, sys
import httpx
from learner.app import create_app  # sets a provider, before the shop could
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from shared.runtime import Runtime
from shared.settings import ArticlesSettings

async def main():
    spans = InMemorySpanExporter()
    async with Runtime.open(ArticlesSettings(), exporter=spans) as runtime:
        transport = httpx.ASGITransport(create_app(runtime))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            await client.get("/mine")
    for span in spans.get_finished_spans():
        parent = f"{span.parent.span_id:x}" if span.parent else "none"
        print(span.name, span.kind.name, span.resource.attributes["service.name"], sep="|")
        print(f"{span.context.span_id:x}", parent, *[event.name for event in span.events], sep="|")

asyncio.run(main())
"""


def test_a_provider_that_was_set_first_keeps_its_spans_and_the_service_gets_them_too(
    tmp_path: Path,
) -> None:
    write_learner(tmp_path, AT_IMPORT)
    ended = subprocess.run(
        [sys.executable, "-c", FIRST],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}"},
    )
    assert ended.returncode == 0, ended.stderr
    kind, mine, other, server = (line.split("|") for line in ended.stdout.splitlines())
    assert kind == ["my work", "INTERNAL", "articles"]
    assert other == ["GET /mine", "SERVER", "articles"]
    assert mine[1:] == [server[0], "half done"]
    assert '"name": "my work"' in ended.stderr  # by the learner's own exporter
