"""OTLP over HTTP: what is taken, what is refused and with which message."""

import gzip
import json
from typing import Any

import httpx
import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from lens.domain.query import Query
from lens.routes.answers import Refused
from lens.routes.otlp.body import MAX_BYTES, Bodies, gunzip
from lens.store import TraceStore
from lens.store.inbox import Inbox
from tests.lens.made import JSON, MS, PROTOBUF, T0, request, span, trace_id
from traces.model import Event, Link

DOCUMENT = {
    "resourceSpans": [
        {
            "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "cart"}}]},
            "scopeSpans": [
                {
                    "scope": {"name": "lib", "version": "1"},
                    "spans": [
                        {
                            "traceId": "5B8EFFF798038103D269B633813FC60C",
                            "spanId": "EEE19B7EC3C1B174",
                            "parentSpanId": "EEE19B7EC3C1B173",
                            "name": "GET /cart",
                            "kind": "SPAN_KIND_SERVER",
                            "startTimeUnixNano": str(T0),
                            "endTimeUnixNano": T0 + MS,
                            "status": {"code": 2, "message": "no"},
                            "attributes": [
                                {"key": "n", "value": {"intValue": "9007199254740993"}},
                                {"key": "b", "value": {"boolValue": True}},
                                {"key": "d", "value": {"doubleValue": 1}},
                                {
                                    "key": "l",
                                    "value": {"arrayValue": {"values": [{"intValue": 1}]}},
                                },
                            ],
                            "events": [{"timeUnixNano": str(T0), "name": "e"}],
                            "links": [
                                {
                                    "traceId": "5b8efff798038103d269b633813fc60d",
                                    "spanId": "eee19b7ec3c1b174",
                                }
                            ],
                            "fieldOfTheFuture": [1],
                        }
                    ],
                }
            ],
        }
    ]
}


async def test_spans_in_protobuf_are_kept(client: httpx.AsyncClient, store: TraceStore) -> None:
    body = request(2, attributes={"a": "b"}).SerializeToString()
    answer = await client.post("/v1/traces", content=body, headers=PROTOBUF)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "application/x-protobuf"
    await store.flushed()
    found = await store.trace(trace_id(1))
    assert found is not None
    assert found.spans[0].attributes == {"a": "b"}
    assert found.spans[0].parent_id is None
    assert found.spans[0].service == "shop"


async def test_spans_in_json_are_kept(client: httpx.AsyncClient, store: TraceStore) -> None:
    answer = await client.post("/v1/traces", json=DOCUMENT)
    assert (answer.status_code, answer.json()) == (200, {})
    assert answer.headers["content-type"] == "application/json"
    await store.flushed()
    found = await store.trace("5b8efff798038103d269b633813fc60c")
    assert found is not None
    (one,) = found.spans
    assert (one.span_id, one.parent_id) == ("eee19b7ec3c1b174", "eee19b7ec3c1b173")
    assert (one.kind, one.status, one.status_message, one.scope) == (2, 2, "no", "lib")
    assert one.attributes == {"n": 9007199254740993, "b": True, "d": 1.0, "l": [1]}
    assert (one.start_ns, one.end_ns) == (T0, T0 + MS)
    assert one.events == (Event(T0, "e"),)
    assert one.links == (Link("5b8efff798038103d269b633813fc60d", "eee19b7ec3c1b174"),)


@pytest.mark.parametrize("pieces", [1, 2])
async def test_gzip_is_unpacked_even_in_several_members(
    client: httpx.AsyncClient, store: TraceStore, pieces: int
) -> None:
    body = request(3).SerializeToString()
    cut = len(body) // pieces
    packed = b"".join(gzip.compress(part) for part in (body[:cut], body[cut:]))
    headers = PROTOBUF | {"Content-Encoding": "gzip"}
    answer = await client.post("/v1/traces", content=packed, headers=headers)
    assert answer.status_code == 200
    await store.flushed()
    assert len(await store.search(Query())) == 3


async def test_logs_are_kept_with_their_span(client: httpx.AsyncClient, store: TraceStore) -> None:
    message = ExportLogsServiceRequest()
    records = message.resource_logs.add().scope_logs.add().log_records
    with_span = records.add(severity_number=13, observed_time_unix_nano=T0)
    with_span.trace_id, with_span.span_id = bytes(15) + b"\1", bytes(7) + b"\1"
    with_span.body.string_value = "careful"
    records.add(severity_text="Info").body.kvlist_value.values.add(key="a").value.int_value = 1
    records.add(trace_id=b"short")
    answer = await client.post("/v1/logs", content=message.SerializeToString(), headers=PROTOBUF)
    assert answer.status_code == 200
    assert b"trace_id 73686f7274 has 5 bytes: 16 bytes are wanted" in answer.content
    assert store.offer([span(1)])
    await store.flushed()
    found = await store.trace(trace_id(1))
    assert found is not None
    (line,) = found.logs
    assert (line.body, line.severity, line.span_id, line.time_ns) == (
        "careful",
        "WARN",
        found.spans[0].span_id,
        T0,
    )
    assert (await store.stats())["logs"] == 2


async def test_metrics_are_counted_and_not_kept(
    client: httpx.AsyncClient, store: TraceStore
) -> None:
    message = ExportMetricsServiceRequest()
    metrics = message.resource_metrics.add().scope_metrics.add().metrics
    for value in (1, 2):
        metrics.add(name="m").sum.data_points.add().as_int = value
    metrics.add(name="empty")
    answer = await client.post("/v1/metrics", content=message.SerializeToString(), headers=PROTOBUF)
    assert answer.status_code == 200
    partial = ExportMetricsServiceResponse.FromString(answer.content).partial_success
    assert partial.rejected_data_points == 2
    assert partial.error_message.startswith("metrics are not kept, but for their exemplars")
    assert (await store.stats())["metrics"] == 2


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("trace_id", b"", "trace_id"),
        ("trace_id", bytes(16), "trace_id"),
        ("trace_id", b"\1" * 8, "trace_id"),
        ("span_id", b"", "span_id"),
        ("span_id", bytes(8), "span_id"),
        ("parent_span_id", b"\1", "parent_span_id"),
        ("start_time_unix_nano", 2**63, "2262"),
    ],
)
async def test_a_bad_span_is_rejected_and_the_others_are_kept(
    client: httpx.AsyncClient, store: TraceStore, field: str, value: Any, reason: str
) -> None:
    message = request(3)
    setattr(message.resource_spans[0].scope_spans[0].spans[1], field, value)
    answer = await client.post("/v1/traces", content=message.SerializeToString(), headers=PROTOBUF)
    assert answer.status_code == 200
    partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert partial.rejected_spans == 1
    assert reason in partial.error_message
    await store.flushed()
    assert len(await store.search(Query())) == 2


async def test_a_bad_id_in_json_is_rejected_in_json(client: httpx.AsyncClient) -> None:
    document = json.loads(json.dumps(DOCUMENT).replace("EEE19B7EC3C1B174", "not hex"))
    answer = await client.post("/v1/traces", json=document)
    assert answer.status_code == 200
    assert answer.json()["partialSuccess"]["rejectedSpans"] == "1"
    assert 'spanId "not hex" is not hex' in answer.json()["partialSuccess"]["errorMessage"]


async def test_a_parent_of_zeros_is_no_parent(client: httpx.AsyncClient, store: TraceStore) -> None:
    message = request()
    message.resource_spans[0].scope_spans[0].spans[0].parent_span_id = bytes(8)
    await client.post("/v1/traces", content=message.SerializeToString(), headers=PROTOBUF)
    await store.flushed()
    assert (await store.search(Query()))[0].orphans == 0


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (PROTOBUF, b"\xff\xff\xff", 400),
        (PROTOBUF | {"Content-Encoding": "gzip"}, b"no gzip", 400),
        (PROTOBUF | {"Content-Encoding": "gzip"}, gzip.compress(b"x" * 99, mtime=0)[:-9], 400),
        (PROTOBUF | {"Content-Encoding": "br"}, b"", 415),
        (JSON, b"", 400),
        (JSON, b"{", 400),
        (JSON, b"[]", 400),
        (JSON, b"\xff\xfe", 400),
        (JSON, b"[" * 100_000, 400),
        (JSON, b'{"resourceSpans": 1}', 400),
        (JSON, b'{"resourceSpans": {"a": 1}}', 400),
        ({"Content-Type": "text/plain"}, b"", 415),
        ({}, b"", 415),
        (PROTOBUF, b"x" * (MAX_BYTES + 1), 413),
        (
            PROTOBUF | {"Content-Encoding": "gzip"},
            gzip.compress(bytes(MAX_BYTES + 1), mtime=0),
            413,
        ),
    ],
)
@pytest.mark.parametrize("path", ["/v1/traces", "/v1/logs", "/v1/metrics"])
async def test_what_is_no_otlp_is_refused_with_a_reason(
    client: httpx.AsyncClient, path: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    renamed = {"/v1/logs": b"resourceLogs", "/v1/metrics": b"resourceMetrics"}
    body = body.replace(b"resourceSpans", renamed.get(path, b"resourceSpans"))
    answer = await client.post(path, content=body, headers=headers)
    assert answer.status_code == status
    if headers.get("Content-Type") == "application/x-protobuf":
        assert answer.headers["content-type"] == "application/x-protobuf"
        assert len(Status.FromString(answer.content).message) > 10
    else:
        assert answer.json()["code"] in (3, 8)
        assert len(answer.json()["message"]) > 10


async def test_too_many_small_spans_are_refused_as_one_large_would_be(
    client: httpx.AsyncClient, store: TraceStore
) -> None:
    body = request(32_769).SerializeToString()
    assert len(body) < MAX_BYTES
    answer = await client.post("/v1/traces", content=body, headers=PROTOBUF)
    assert answer.status_code == 413
    assert b"at most 32768" in answer.content
    await store.flushed()
    assert (await store.stats())["spans"] == 0


async def test_a_body_without_a_length_is_cut_off_at_the_limit(client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while sent < 10 * MAX_BYTES:
            sent += 1024 * 1024
            yield bytes(1024 * 1024)

    answer = await client.post("/v1/traces", content=endless(), headers=PROTOBUF)
    assert answer.status_code == 413
    assert sent <= MAX_BYTES + 2 * 1024 * 1024


def test_a_gzip_bomb_is_not_expanded_beyond_the_limit() -> None:
    bomb = gzip.compress(bytes(1_000_000)) * 50
    with pytest.raises(Refused, match="at most 2000000 bytes"):
        gunzip(bomb, 2_000_000)
    assert len(gunzip(gzip.compress(bytes(2_000_000)), 2_000_000)) == 2_000_000


async def test_bodies_share_one_allowance_and_give_it_back(client: httpx.AsyncClient) -> None:
    bodies = Bodies(max_bytes=100, in_flight=150)

    class Sent:
        headers: dict[str, str] = {}  # noqa: RUF012 - stands in for a request

        def __init__(self, size: int) -> None:
            self.size = size

        async def stream(self) -> Any:
            yield bytes(self.size)
            if self.size == 90:
                with pytest.raises(Refused, match="too many requests"):
                    await bodies.read(Sent(80))  # type: ignore[arg-type]

    assert await bodies.read(Sent(90)) == bytes(90)  # type: ignore[arg-type]
    assert await bodies.read(Sent(100)) == bytes(100)  # type: ignore[arg-type]


async def test_a_full_store_says_when_to_come_again(
    client: httpx.AsyncClient, store: TraceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = request().SerializeToString()
    monkeypatch.setattr(Inbox, "put", lambda *_: False)
    answer = await client.post("/v1/traces", content=body, headers=PROTOBUF)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert Status.FromString(answer.content).code == 14
    monkeypatch.setattr(Inbox, "full", True)
    assert (await client.post("/v1/logs", json={})).status_code == 503
