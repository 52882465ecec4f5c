"""Histograms of durations: cheap to record, and what the SDK's own would have said."""

from threading import Thread
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import Span, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import INVALID_SPAN, set_span_in_context

from shared.telemetry.metrics import durations
from shared.telemetry.metrics.durations import REQUEST, DurationHistogram, RedMetrics

KEYS = ("http.request.method", "http.route", "http.response.status_code", "error.type")
GET, MISSING = ("GET", "/orders/{order_id}", 200, None), ("GET", None, 404, None)
TRACER = TracerProvider().get_tracer("tests")


def histogram() -> DurationHistogram:
    return DurationHistogram("http.server.request.duration", "", REQUEST, KEYS)


def points(measured: DurationHistogram) -> list[Any]:
    metric = measured.collect(1)
    return list(metric.data.data_points) if metric else []


def span() -> Any:
    started = TRACER.start_span("GET /orders/{order_id}")
    assert isinstance(started, Span)
    return started


def test_it_exports_what_the_sdk_would_have_exported() -> None:
    ours, reader = histogram(), InMemoryMetricReader()
    meter = MeterProvider([reader], shutdown_on_exit=False).get_meter("tests")
    theirs = meter.create_histogram(
        ours.name, "s", explicit_bucket_boundaries_advisory=list(REQUEST)
    )
    for seconds in (0, 0.005, 0.0051, 0.3, 10, 11.5):
        sampled = span()
        ours.record(GET, seconds, sampled)
        named = {key: value for key, value in zip(KEYS, GET, strict=True) if value is not None}
        theirs.record(seconds, named, set_span_in_context(sampled))

    data = reader.get_metrics_data()
    assert data is not None
    expected: Any = data.resource_metrics[0].scope_metrics[0].metrics[0].data.data_points[0]
    (point,) = points(ours)
    for field in ("attributes", "count", "sum", "bucket_counts", "explicit_bounds", "min", "max"):
        assert getattr(point, field) == getattr(expected, field), field
    as_pairs = [
        [(one.value, one.trace_id, one.span_id) for one in either.exemplars]
        for either in (point, expected)
    ]
    assert as_pairs[0] == as_pairs[1]


def test_an_attribute_without_a_value_is_not_there() -> None:
    measured = histogram()
    measured.record(MISSING, 0.1, INVALID_SPAN)
    (point,) = points(measured)
    assert point.attributes == {"http.request.method": "GET", "http.response.status_code": 404}


def test_it_is_cumulative_and_gives_each_exemplar_once() -> None:
    measured = histogram()
    first, second = span(), span()
    measured.record(GET, 0.1, first)
    measured.record(GET, 0.1, second)
    ((point,), (again,)) = points(measured), points(measured)
    assert (point.count, again.count) == (2, 2)
    assert [one.span_id for one in point.exemplars] == [second.context.span_id]
    assert again.exemplars == []


def test_only_a_sampled_span_becomes_an_exemplar() -> None:
    measured = histogram()
    measured.record(GET, 0.1, INVALID_SPAN)
    measured.record(GET, 0.1, TracerProvider(ALWAYS_OFF).get_tracer("tests").start_span("GET"))
    (point,) = points(measured)
    assert (point.count, point.exemplars) == (2, [])


def test_series_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durations, "MOST_SERIES", 2)
    measured = histogram()
    for route in ("/a", "/b", "/c", "/d", "/a"):
        measured.record(("GET", route, 200, None), 0.1, INVALID_SPAN)
    found = {point.attributes.get("http.route"): point for point in points(measured)}
    assert {route: point.count for route, point in found.items()} == {"/a": 2, "/b": 1, None: 2}
    assert found[None].attributes == {"otel.metric.overflow": True}


def test_threads_lose_no_measurement() -> None:
    measured = histogram()

    def record() -> None:
        for _ in range(2_000):
            measured.record(GET, 0.1, INVALID_SPAN)

    threads = [Thread(target=record) for _ in range(4)]
    for thread in threads:
        thread.start()
    seen = [point.count for _ in range(50) for point in points(measured)]
    for thread in threads:
        thread.join()
    (point,) = points(measured)
    assert (point.count, sum(point.bucket_counts)) == (8_000, 8_000)
    assert seen == sorted(seen)


def test_what_was_not_measured_is_not_there() -> None:
    red = RedMetrics()
    assert red.produce().metrics == []
    red.database.record(
        ("redis", "0", "GET", None, None, None, "127.0.0.1", 6379, None), 0.1, INVALID_SPAN
    )
    assert [metric.name for metric in red.produce().metrics] == ["db.client.operation.duration"]
