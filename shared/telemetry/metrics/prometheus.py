"""`GET /metrics`: what was collected, as Prometheus reads it.

OpenMetrics, where the scraper accepts it, has exemplars with the ids of their traces; the older
text format cannot have them. (The Prometheus exporter of OpenTelemetry for Python has none.)
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from opentelemetry.sdk.metrics import Exemplar
from opentelemetry.sdk.metrics.export import (
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    Sum,
)
from opentelemetry.trace import format_span_id, format_trace_id
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from prometheus_client.samples import Exemplar as PrometheusExemplar

UNITS = {"s": "seconds", "By": "bytes", "1": "ratio"}
ODD = re.compile(r"[^a-zA-Z0-9_]+")


class Exposition(Collector):
    """The metrics of one service: `text(accept)` gives a page and its content type."""

    def __init__(self, collect: Callable[[], MetricsData]) -> None:
        self._collect = collect
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def text(self, accept: str) -> tuple[bytes, str]:
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type

    def describe(self) -> list[Family]:
        """Nothing: prometheus_client need not collect in order to know what there will be."""
        return []

    def collect(self) -> Iterator[Family]:
        for resource in self._collect().resource_metrics:
            yield target(resource.resource.attributes)
            for scope in resource.scope_metrics:
                yield from map(family, scope.metrics)


def target(attributes: Mapping[str, Any]) -> Family:
    """Which service these metrics are of: Prometheus keeps a resource in a metric of its own."""
    info = Family("target", "Target metadata", "info")
    info.add_sample("target_info", labels(attributes), 1)
    return info


def family(metric: Metric) -> Family:
    unit, data = UNITS.get(metric.unit or "", ""), metric.data
    name = prometheus_name(metric.name, metric.unit or "")
    if isinstance(data, Histogram):
        found = Family(name, metric.description or "", "histogram", unit)
        for point in data.data_points:
            add_histogram(found, point)
        return found
    is_counter = isinstance(data, Sum) and data.is_monotonic
    found = Family(name, metric.description or "", "counter" if is_counter else "gauge", unit)
    for number in data.data_points:
        assert isinstance(number, NumberDataPoint)
        last = exemplar(number.exemplars[-1]) if is_counter and number.exemplars else None
        suffix = "_total" if is_counter else ""
        found.add_sample(
            name + suffix, labels(number.attributes or {}), number.value, exemplar=last
        )
    return found


def prometheus_name(name: str, unit: str) -> str:
    """`http.server.request.duration` of unit `s` is `http_server_request_duration_seconds`."""
    suffix = UNITS.get(unit, "")
    return ODD.sub("_", name) + (f"_{suffix}" if suffix else "")


def add_histogram(found: Family, point: HistogramDataPoint) -> None:
    """Prometheus counts in each bucket what is in the lower ones, too."""
    named, bounds = labels(point.attributes or {}), (*point.explicit_bounds, float("inf"))
    newest = by_bucket(bounds, point.exemplars)
    for bound, count in zip(bounds, accumulate(point.bucket_counts), strict=True):
        found.add_sample(
            f"{found.name}_bucket",
            {**named, "le": upper(bound)},
            count,
            exemplar=newest.get(bound),
        )
    found.add_sample(f"{found.name}_count", named, point.count)
    found.add_sample(f"{found.name}_sum", named, point.sum)


def upper(bound: float) -> str:
    return "+Inf" if bound == float("inf") else repr(float(bound))


def by_bucket(
    bounds: Sequence[float], exemplars: Sequence[Exemplar]
) -> dict[float, PrometheusExemplar]:
    return {
        next(bound for bound in bounds if one.value <= bound): exemplar(one) for one in exemplars
    }


def exemplar(one: Exemplar) -> PrometheusExemplar:
    ids = {}
    if one.trace_id is not None and one.span_id is not None:
        ids = {"trace_id": format_trace_id(one.trace_id), "span_id": format_span_id(one.span_id)}
    return PrometheusExemplar(ids, one.value, one.time_unix_nano / 1e9)


def labels(attributes: Mapping[str, Any]) -> dict[str, str]:
    return {
        ODD.sub("_", name): str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in attributes.items()
    }
