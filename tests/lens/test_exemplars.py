"""Of metrics lens keeps the exemplars: measurements that lead to their trace."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)

from lens.app import Options, create_app
from lens.store import TraceStore
from lens.store.exemplars import EACH, MOST_METRICS, Exemplars
from tests.lens.made import JSON, MS, PROTOBUF, T0, span, span_id, trace_id
from tests.lens.paged import plain
from traces.model import Exemplar

METRIC = "http.server.request.duration"


def message() -> ExportMetricsServiceRequest:
    """A histogram with two exemplars, of which one names no span, and a sum with one."""
    made = ExportMetricsServiceRequest()
    group = made.resource_metrics.add()
    group.resource.attributes.add(key="service.name").value.string_value = "orders"
    metrics = group.scope_metrics.add().metrics
    histogram = metrics.add(name=METRIC, unit="s")
    point = histogram.histogram.data_points.add(count=2)
    point.attributes.add(key="http.route").value.string_value = "/orders/{id}"
    slow = point.exemplars.add(as_double=1.25, time_unix_nano=T0)
    slow.trace_id, slow.span_id = bytes.fromhex(trace_id(1)), bytes.fromhex(span_id(1))
    point.exemplars.add(as_double=0.5, time_unix_nano=T0)
    counter = metrics.add(name="acmeshop.orders.placed", unit="{order}")
    one = counter.sum.data_points.add(as_int=7).exemplars.add(as_int=1, time_unix_nano=T0 + MS)
    one.trace_id, one.span_id = bytes.fromhex(trace_id(2)), bytes.fromhex(span_id(2))
    metrics.add(name="old").summary.data_points.add(count=1)
    return made


def as_otlp_json(made: ExportMetricsServiceRequest) -> dict[str, Any]:
    document = MessageToDict(made)
    for metric in document["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]:
        for data in ("histogram", "sum"):
            for point in metric.get(data, {}).get("dataPoints", ()):
                for one in point["exemplars"]:
                    ids = (
                        (trace_id(1), span_id(1))
                        if data == "histogram"
                        else (trace_id(2), span_id(2))
                    )
                    if "traceId" in one:
                        one["traceId"], one["spanId"] = ids
    return document


@pytest.mark.parametrize("media", ["protobuf", "json"])
async def test_exemplars_are_shown_with_their_series_and_lead_to_their_trace(
    store: TraceStore, tmp_path: Path, media: str
) -> None:
    store.offer([span(1, service="orders")])
    await store.flushed()
    transport = httpx.ASGITransport(create_app(store, Options(tmp_path)))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as lens:
        if media == "json":
            body, headers = json.dumps(as_otlp_json(message())).encode(), JSON
        else:
            body, headers = message().SerializeToString(), PROTOBUF
        for _ in range(2):  # as each export of cumulative metrics has them again
            assert (
                await lens.post("/v1/metrics", content=body, headers=headers)
            ).status_code == 200
        page = (await lens.get("/services?service=orders&lookback=any")).text
        other = (await lens.get("/services?service=cart&lookback=any")).text
    words = plain(page)
    assert words.count(METRIC) == 1
    assert f"{METRIC} 1.25 s http.route= /orders/{{id}}" in words
    assert "acmeshop.orders.placed 1 " in words
    assert f'href="/trace/{trace_id(1)}?span={span_id(1)}"' in page
    assert "Exemplars" not in other


def exemplar(number: int, metric: str = "m", service: str = "a") -> Exemplar:
    return Exemplar(service, metric, "s", float(number), number, trace_id(1), span_id(1))


def test_the_latest_of_each_metric_are_kept_and_the_largest_come_first() -> None:
    kept = Exemplars()
    kept.add(exemplar(number) for number in range(100))
    assert [one.value for one in kept.of("a")] == [float(n) for n in range(99, 99 - EACH, -1)]


def test_of_too_many_metrics_those_are_kept_that_were_heard_of_last() -> None:
    kept = Exemplars()
    kept.add([exemplar(0, "first")])
    kept.add(exemplar(number, f"m{number}") for number in range(MOST_METRICS))
    assert kept.of("a")[0].metric != "first"
    assert len(kept.of("a")) == MOST_METRICS


@pytest.mark.parametrize("bad", [{"traceId": "xyz"}, {"asDouble": "tea"}, {"timeUnixNano": -1}])
async def test_an_exemplar_that_cannot_be_read_costs_no_other(
    store: TraceStore, tmp_path: Path, bad: dict[str, Any]
) -> None:
    document = as_otlp_json(message())
    metric = document["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]
    metric["histogram"]["dataPoints"][0]["exemplars"][0] |= bad
    transport = httpx.ASGITransport(create_app(store, Options(tmp_path)))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as lens:
        assert (await lens.post("/v1/metrics", json=document, headers=JSON)).status_code == 200
    assert [one.metric for one in store.exemplars.of("orders")] == ["acmeshop.orders.placed"]
