"""What reaches lens is kept, or its sender is told what was not, and why."""

import copy
import json
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from lens.domain.query import Query
from lens.store import TraceStore
from tests.lens.made import JSON, PROTOBUF, T0, request
from traces.formats.otlp_salvage import varint
from traces.model import Kind, Span, Status

ID = "5b8efff798038103d269b633813fc60c"
GOOD = {
    "traceId": ID,
    "spanId": "eee19b7ec3c1b174",
    "name": "good",
    "startTimeUnixNano": str(T0),
    "endTimeUnixNano": str(T0),
}
BASE64, UUID = "W47/95gDgQPSabYzgT/GDA==", "5b8efff7-9803-8103-d269-b633813fc60c"


def document(*spans: Any) -> dict[str, Any]:
    return {"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}]}]}


def having(**fields: Any) -> dict[str, Any]:
    return {**GOOD, "spanId": "00f067aa0ba902b7", "name": "odd", **fields}


async def taken(store: TraceStore) -> dict[str, Span]:
    await store.flushed()
    trace = await store.trace(ID)
    return {span.name: span for span in trace.spans} if trace else {}


async def send(client: httpx.AsyncClient, body: Any, path: str = "/v1/traces") -> Any:
    """The partial success with which it was answered."""
    text = body if isinstance(body, str) else json.dumps(body)
    answer = await client.post(path, content=text, headers=JSON)
    assert answer.status_code == 200, answer.text
    return answer.json().get("partialSuccess", {})


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("SPAN_KIND_SERVER", Kind.SERVER),
        ("SPAN_KIND_UNSPECIFIED", Kind.UNSPECIFIED),
        ("CONSUMER", Kind.CONSUMER),
        ("client", Kind.CLIENT),
        (4, Kind.PRODUCER),
        ("4", Kind.PRODUCER),
        (None, Kind.UNSPECIFIED),
        (77, Kind.UNSPECIFIED),
    ],
)
async def test_a_kind_is_a_number_or_a_name(
    client: httpx.AsyncClient, store: TraceStore, given: Any, kind: Kind
) -> None:
    assert await send(client, document(having(kind=given))) == {}
    assert (await taken(store))["odd"].kind is kind


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("STATUS_CODE_ERROR", Status.ERROR),
        ("ERROR", Status.ERROR),
        ("ok", Status.OK),
        ("STATUS_CODE_UNSET", Status.UNSET),
        (2, Status.ERROR),
        (None, Status.UNSET),
    ],
)
async def test_a_status_is_a_number_or_a_name(
    client: httpx.AsyncClient, store: TraceStore, given: Any, status: Status
) -> None:
    assert await send(client, document(having(status={"code": given}))) == {}
    assert (await taken(store))["odd"].status is status


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("SEVERITY_NUMBER_WARN", "WARN"),
        ("SEVERITY_NUMBER_INFO3", "INFO"),
        ("error", "ERROR"),
        (22, "FATAL"),
        (None, ""),
    ],
)
async def test_a_severity_is_a_number_or_a_name(
    client: httpx.AsyncClient, store: TraceStore, given: Any, word: str
) -> None:
    record = {"traceId": ID, "severityNumber": given, "body": {"stringValue": "b"}}
    logs = {"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}
    assert await send(client, logs, "/v1/logs") == {}
    await send(client, document(GOOD))
    await store.flushed()
    found = await store.trace(ID)
    assert found is not None
    assert [line.severity for line in found.logs] == [word]


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        ({"kind": "SPAN_KIND_SERVR"}, 'kind is "SPAN_KIND_SERVR", which is none of SPAN_KIND_'),
        ({"kind": []}, "kind is [], not a whole number"),
        ({"status": {"code": "FAILED"}}, 'status code is "FAILED", which is none of STATUS_CODE_'),
        ({"status": 2}, "status is 2, not an object"),
        ({"name": "\ud800"}, "name is half of a character (a lone surrogate)"),
        ({"name": 5}, "name is 5, not a string"),
        ({"traceId": BASE64}, f'"{BASE64}" is base64: 32 hex digits are wanted, which are {ID}'),
        ({"traceId": UUID}, f'"{UUID}" is a UUID: 32 hex digits are wanted without dashes'),
        (
            {"traceId": f"0x{ID}"},
            f"begins with 0x: 32 hex digits are wanted without it, which are {ID}",
        ),
        ({"traceId": ID[:16]}, "has 16 hex digits: 32 hex digits are wanted"),
        ({"traceId": "0" * 32}, "is all zero, which is no id"),
        ({"traceId": "tea"}, 'traceId "tea" is not hex: 32 hex digits are wanted'),
        ({"traceId": 5}, "traceId is 5, a number: 32 hex digits are wanted, as a string"),
        ({"traceId": None}, "traceId is missing: 32 hex digits are wanted"),
        ({"spanId": "8GeqC6kCtw=="}, 'spanId "8GeqC6kCtw==" is not hex: 16'),
        ({"spanId": "APBnqgupArc="}, "is base64: 16 hex digits are wanted, which are 00f067"),
        ({"spanId": "0x00f067aa0ba902b7"}, "begins with 0x"),
        ({"spanId": "b7"}, "has 2 hex digits: 16"),
        ({"parentSpanId": "b7"}, 'parentSpanId "b7" has 2 hex digits: 16'),
        ({"startTimeUnixNano": "soon"}, 'startTimeUnixNano is "soon", not a whole number'),
        ({"startTimeUnixNano": -1}, "startTimeUnixNano is -1, not within 0"),
        ({"endTimeUnixNano": 2**63}, "is after the year 2262"),
        ({"flags": -1}, "flags is -1, not within 0 and 4294967295"),
        ({"attributes": [5]}, "an attribute is 5, not an object"),
        ({"attributes": {"a": "b"}}, 'attributes is {"a": "b"}, not an array'),
        ({"attributes": [{"key": "a", "value": "b"}]}, 'attribute a is "b", not an object like'),
        ({"attributes": [{"key": "a", "value": {"intValue": 2**70}}]}, "attribute a is 118059"),
        ({"attributes": [{"key": "a", "value": {"boolValue": "yes"}}]}, "not true or false"),
        ({"attributes": [{"key": "a", "value": {"bytesValue": "%"}}]}, 'is "%", not base64'),
        ({"attributes": [{"key": "a", "value": {"stringValue": "\udfff"}}]}, "lone surrogate"),
        ({"events": 1}, "events is 1, not an array"),
        ({"events": [{"name": {}}]}, "event name is {}, not a string"),
        ({"links": [{"traceId": "b", "spanId": "c"}]}, 'traceId of a link "b" has 1 hex digits'),
    ],
)
async def test_an_odd_span_is_rejected_by_value_and_the_good_one_beside_it_is_kept(
    client: httpx.AsyncClient, store: TraceStore, odd: dict[str, Any], message: str
) -> None:
    partial = await send(client, document(having(**odd), GOOD))
    assert partial["rejectedSpans"] == "1"
    assert message in partial["errorMessage"]
    assert set(await taken(store)) == {"good"}


@pytest.mark.parametrize("odd", [5, None, "span", [], True])
async def test_what_is_no_span_is_rejected_and_the_good_one_beside_it_is_kept(
    client: httpx.AsyncClient, store: TraceStore, odd: Any
) -> None:
    partial = await send(client, document(odd, GOOD))
    assert set(await taken(store)) == {"good"}
    assert partial["rejectedSpans"] == "1"


@pytest.mark.parametrize(
    "odd",
    [
        5,
        {"resource": 5, "scopeSpans": [{"spans": [GOOD]}]},
        {"resource": {"attributes": [5]}, "scopeSpans": [{"spans": [GOOD]}]},
        {"scopeSpans": [{"scope": {"name": 5}, "spans": [GOOD]}]},
        {"scopeSpans": [5]},
        {"scopeSpans": 5},
    ],
)
async def test_an_odd_resource_or_scope_costs_only_its_own_spans(
    client: httpx.AsyncClient, store: TraceStore, odd: Any
) -> None:
    body = {"resourceSpans": [odd, *document(having())["resourceSpans"]]}
    partial = await send(client, body)
    assert set(await taken(store)) == {"odd"}
    assert partial["rejectedSpans"] == "1"


async def test_many_rejections_are_counted_by_what_was_wrong(client: httpx.AsyncClient) -> None:
    spans = [having(traceId="1"), having(traceId="2"), having(kind="tea"), GOOD]
    partial = await send(client, document(*spans))
    assert partial["rejectedSpans"] == "3"
    assert partial["errorMessage"].startswith('span "odd": traceId "1" has 1 hex digits')
    assert partial["errorMessage"].endswith("by what is wrong: trace id 2, kind 1")


async def test_a_message_of_protobuf_names_the_value_of_an_id_and_the_form_wanted(
    client: httpx.AsyncClient,
) -> None:
    for odd, message in (
        (ID.encode(), f"trace_id is the 32 letters {ID}: 16 bytes are wanted, not their hex"),
        (bytes(range(24)), "has 24 bytes, as hex read as base64 has: 16 bytes are wanted"),
        (b"\1\2", "trace_id 0102 has 2 bytes: 16 bytes are wanted"),
        (b"", "trace_id is missing"),
        (bytes(16), "trace_id is all zero"),
    ):
        body = request()
        body.resource_spans[0].scope_spans[0].spans[0].trace_id = odd
        answer = await client.post("/v1/traces", content=body.SerializeToString(), headers=PROTOBUF)
        partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
        assert message in partial.error_message


# Field 5 of a span is its name, 3 its trace state; the bytes are no UTF-8, or no message at all.
@pytest.mark.parametrize(
    "odd", [b"\x2a\x01\xff", b"\x1a\x02\xc3\x28", b"\x4a\x03\x0a\x01\xff", b"\x2a\x09", b"\x07"]
)
async def test_a_span_that_protobuf_cannot_parse_is_rejected_and_the_others_are_kept(
    client: httpx.AsyncClient, store: TraceStore, odd: bytes
) -> None:
    body = request(300, service="müsli" * 40)
    scoped = body.resource_spans[0].scope_spans[0]
    spans = b"".join(framed(2, one.SerializeToString()) for one in scoped.spans)
    own = framed(1, body.resource_spans[0].resource.SerializeToString())
    content = framed(1, own + framed(2, framed(2, odd) + spans))
    answer = await client.post("/v1/traces", content=content, headers=PROTOBUF)
    assert answer.status_code == 200
    partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert partial.rejected_spans == 1
    assert partial.error_message.startswith("its bytes are not those of a Span: ")
    await store.flushed()
    assert (await store.stats())["spans"] == 300
    assert await store.services() == ["müsli" * 40]


async def test_a_log_record_that_protobuf_cannot_parse_is_rejected_alone(
    client: httpx.AsyncClient, store: TraceStore
) -> None:
    records = framed(2, b"\x1a\x01\xff") + framed(2, b"\x1a\x02ok")
    content = framed(1, framed(2, records))
    answer = await client.post("/v1/logs", content=content, headers=PROTOBUF)
    assert answer.status_code == 200
    assert b"its bytes are not those of a LogRecord" in answer.content
    await store.flushed()
    assert (await store.stats())["logs"] == 1


async def test_a_resource_that_protobuf_cannot_parse_costs_its_own_spans(
    client: httpx.AsyncClient, store: TraceStore
) -> None:
    good = request(2).SerializeToString()
    spans = framed(2, b"") + framed(2, b"")
    odd = framed(1, framed(1, framed(1, framed(1, b"\xff"))) + framed(2, spans))
    answer = await client.post("/v1/traces", content=odd + good, headers=PROTOBUF)
    partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert (answer.status_code, partial.rejected_spans) == (200, 2)
    await store.flushed()
    assert (await store.stats())["spans"] == 2


def framed(field: int, content: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(content)) + content


async def test_fields_may_be_spelt_as_in_the_proto(
    client: httpx.AsyncClient, store: TraceStore
) -> None:
    span = {
        "trace_id": ID,
        "span_id": "eee19b7ec3c1b174",
        "parent_span_id": "00f067aa0ba902b7",
        "name": "good",
        "start_time_unix_nano": T0,
        "end_time_unix_nano": T0 + 1,
        "attributes": [{"key": "some_key", "value": {"int_value": "7"}}],
    }
    body = {"resource_spans": [{"scope_spans": [{"spans": [span]}]}]}
    assert await send(client, body) == {}
    found = (await taken(store))["good"]
    assert (found.parent_id, found.end_ns - found.start_ns) == ("00f067aa0ba902b7", 1)
    assert found.attributes == {"some_key": 7}


async def test_the_names_of_old_instrumentation_libraries_are_read(
    client: httpx.AsyncClient, store: TraceStore
) -> None:
    group = {"instrumentationLibrary": {"name": "old", "version": "0.9"}, "spans": [GOOD]}
    body = {"resourceSpans": [{"instrumentationLibrarySpans": [group]}]}
    assert await send(client, body) == {}
    found = (await taken(store))["good"]
    assert (found.scope, found.scope_version) == ("old", "0.9")


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/v1/traces", {"resourceLogs": []}, "OTLP logs, not OTLP traces: send it to /v1/logs"),
        ("/v1/traces", {"resourceMetrics": []}, "not OTLP traces: send it to /v1/metrics"),
        ("/v1/logs", document(GOOD), "OTLP traces, not OTLP logs: send it to /v1/traces"),
        ("/v1/metrics", document(GOOD), "OTLP traces, not OTLP metrics: send it to /v1/traces"),
        ("/v1/traces", {"data": []}, "this is Jaeger JSON, not OTLP traces: import it"),
        ("/v1/traces", {"result": document(GOOD)}, "an answer of Jaeger's API /api/v3"),
        ("/v1/traces", {"traceId": ID, "spans": []}, "an answer of lens's API /lens/api/traces"),
        (
            "/v1/traces",
            [{"traceId": ID, "id": "1"}],
            "Zipkin v2 JSON, not OTLP traces: send it to /api",
        ),
        (
            "/v1/traces",
            {"name": "a", "context": {"trace_id": "0x1"}},
            "output of a console exporter",
        ),
        ("/v1/traces", {"spans": [GOOD]}, "of no form that is known here: its fields are spans"),
        ("/v1/traces", [GOOD], "of no form that is known here"),
        ("/v1/traces", 7, "of no form that is known here"),
    ],
)
async def test_a_document_of_another_kind_is_refused_by_name(
    client: httpx.AsyncClient, path: str, body: Any, message: str
) -> None:
    answer = await client.post(path, json=body)
    assert answer.status_code == 400
    assert message in answer.json()["message"]


@pytest.mark.parametrize("body", [{}, {"resourceSpans": []}, {"resourceSpans": None}])
async def test_a_request_of_nothing_is_taken_as_nothing_is_lost(
    client: httpx.AsyncClient, body: Any
) -> None:
    assert await send(client, body) == {}


async def test_signals_that_share_a_document_are_not_lost_without_a_word(
    client: httpx.AsyncClient, store: TraceStore
) -> None:
    partial = await send(client, {**document(GOOD), "resourceLogs": [{}]})
    assert partial == {"errorMessage": "OTLP logs in it are left out: send it to /v1/logs"}
    assert set(await taken(store)) == {"good"}


async def test_what_came_is_counted_by_its_source(
    client: httpx.AsyncClient, store: TraceStore
) -> None:
    before = copy.deepcopy(store.intake.counts())
    await send(client, document(GOOD, having(kind="tea"), having(spanId="")))
    await client.post("/v1/traces", content=request(3).SerializeToString(), headers=PROTOBUF)
    await client.post("/v1/traces", content=b"[]", headers=JSON)
    counts = store.intake.counts()
    assert before == {}
    assert counts["OTLP/HTTP JSON"].accepted == {"spans": 1}
    assert counts["OTLP/HTTP JSON"].rejected == {"kind": 1, "span id": 1}
    assert counts["OTLP/HTTP JSON"].refused == 1
    assert counts["OTLP/HTTP protobuf"].accepted == {"spans": 3}
    await store.flushed()
    assert len(await store.search(Query())) == 4
