"""Histograms of how long things take, for what happens in every request.

The SDK's `Histogram.record` costs about 10 microseconds, as much as a whole span: it copies and
hashes the attributes of each measurement. These take a tuple of attribute values, which is itself
the key of a series, and cost well below one. They are what the specification of OpenTelemetry calls
a MetricProducer: they aggregate by themselves and give points of the SDK's data model.
Whatever happens less often than every request uses the API, as in `meter.create_histogram(...)`.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from threading import Lock
from time import time_ns

from opentelemetry.sdk.metrics import Exemplar
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Histogram,
    HistogramDataPoint,
    Metric,
    ScopeMetrics,
)
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Span, SpanContext

from shared import __version__

Value = str | int | None

MOST_SERIES = 2000  # as in the SDK: what comes after shares the series `otel.metric.overflow`
OVERFLOW: dict[str, str | int] = {"otel.metric.overflow": True}

# Bucket boundaries that the semantic conventions advise, in seconds.
REQUEST = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
DATABASE = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10)


class DurationHistogram:
    """Seconds by attributes, whose names are fixed: `record` takes their values in that order.

    A value None is an attribute that is not there. The values must be few: a route, never a path.
    """

    def __init__(
        self, name: str, description: str, boundaries: Sequence[float], keys: Sequence[str]
    ) -> None:
        self.name, self.keys = name, tuple(keys)
        self._description, self._boundaries = description, tuple(boundaries)
        self._series: dict[tuple[Value, ...], Series] = {}
        self._lock = Lock()
        self.exemplar_flags = 1  # of a span that becomes one; 0 is none

    def record(self, values: tuple[Value, ...], seconds: float, span: Span) -> None:
        """Counts one measurement; `span`, if it is sampled, becomes its bucket's exemplar."""
        bucket = bisect_left(self._boundaries, seconds)
        context = span.get_span_context()
        series = self._series.get(values)
        with self._lock:
            if series is None:
                series = self._new(values)
            series.counts[bucket] += 1
            series.sum += seconds
            if seconds < series.least:  # noqa: PLR1730 - min() and max() cost as much as the rest
                series.least = seconds
            if seconds > series.most:  # noqa: PLR1730
                series.most = seconds
            if context.trace_flags & self.exemplar_flags:
                series.exemplars[bucket] = (seconds, time_ns(), context)

    def collect(self, now: int) -> Metric | None:
        """All series since the start, as of `now` in nanoseconds, each exemplar once."""
        with self._lock:
            points = [series.point(self._boundaries, now) for series in self._series.values()]
        if not points:
            return None
        data = Histogram(points, AggregationTemporality.CUMULATIVE)
        return Metric(self.name, self._description, "s", data)

    def _new(self, values: tuple[Value, ...]) -> "Series":
        named: dict[str, str | int] = {
            key: value for key, value in zip(self.keys, values, strict=True) if value is not None
        }
        if len(self._series) >= MOST_SERIES:
            values, named = (), OVERFLOW
        return self._series.setdefault(values, Series(named, len(self._boundaries) + 1))


class Series:
    """The measurements with the same attributes."""

    __slots__ = ("attributes", "counts", "exemplars", "least", "most", "start", "sum")

    def __init__(self, attributes: dict[str, str | int], buckets: int) -> None:
        self.attributes, self.start = attributes, time_ns()
        self.counts, self.sum = [0] * buckets, 0.0
        self.least, self.most = float("inf"), 0.0
        self.exemplars: dict[int, tuple[float, int, SpanContext]] = {}

    def point(self, boundaries: Sequence[float], now: int) -> HistogramDataPoint:
        exemplars = [
            Exemplar({}, seconds, at, context.span_id, context.trace_id)
            for _, (seconds, at, context) in sorted(self.exemplars.items())
        ]
        self.exemplars = {}
        return HistogramDataPoint(
            attributes=self.attributes,
            start_time_unix_nano=self.start,
            time_unix_nano=now,
            count=sum(self.counts),
            sum=self.sum,
            bucket_counts=tuple(self.counts),
            explicit_bounds=boundaries,
            min=self.least,
            max=self.most,
            exemplars=exemplars,
        )


class RedMetrics:
    """Rate, errors and duration of what a service answers, calls and keeps, by the names of the
    semantic conventions: the count of a histogram is the rate, and errors have an `error.type`.
    """

    SCOPE = InstrumentationScope("acmeshop", __version__)

    def __init__(self, *, exemplars: bool = True) -> None:
        self.http_server = DurationHistogram(
            "http.server.request.duration",
            "Duration of HTTP server requests.",
            REQUEST,
            (
                "http.request.method",
                "url.scheme",
                "http.route",
                "http.response.status_code",
                "error.type",
            ),
        )
        self.http_client = DurationHistogram(
            "http.client.request.duration",
            "Duration of HTTP client requests.",
            REQUEST,
            (
                "http.request.method",
                "url.scheme",
                "server.address",
                "server.port",
                "url.template",
                "http.response.status_code",
                "error.type",
            ),
        )
        self.rpc_server = DurationHistogram(
            "rpc.server.call.duration",
            "Duration of incoming remote procedure calls.",
            REQUEST,
            ("rpc.system.name", "rpc.method", "rpc.response.status_code", "error.type"),
        )
        self.rpc_client = DurationHistogram(
            "rpc.client.call.duration",
            "Duration of outgoing remote procedure calls.",
            REQUEST,
            (
                "rpc.system.name",
                "rpc.method",
                "server.address",
                "server.port",
                "rpc.response.status_code",
                "error.type",
            ),
        )
        self.database = DurationHistogram(
            "db.client.operation.duration",
            "Duration of database client operations.",
            DATABASE,
            (
                "db.system.name",
                "db.namespace",
                "db.operation.name",
                "db.collection.name",
                "db.query.summary",
                "db.response.status_code",
                "server.address",
                "server.port",
                "error.type",
            ),
        )
        for histogram in self.histograms:
            histogram.exemplar_flags = int(exemplars)

    @property
    def histograms(self) -> tuple[DurationHistogram, ...]:
        return (
            self.http_server,
            self.http_client,
            self.rpc_server,
            self.rpc_client,
            self.database,
        )

    def produce(self) -> ScopeMetrics:
        return ScopeMetrics(self.SCOPE, list(self._collected()), "")

    def _collected(self) -> Iterator[Metric]:
        now = time_ns()
        for histogram in self.histograms:
            metric = histogram.collect(now)
            if metric is not None:
                yield metric
