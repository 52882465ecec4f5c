"""Spans are read out of files of several tools; what cannot be read is said, with its place."""

import base64
import gzip
import json
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.traces.corpus import NAMES, stored
from traces.formats.jaeger import trace_json
from traces.formats.otlp_json import traces_json
from traces.formats.reading import NoTraces, Reading, read
from traces.formats.story import story_json
from traces.model import Event, Kind, Link, Span, Status
from traces.same_id import traces_of

TRACE = "5b8efff798038103d269b633813fc60c"
US = 1_795_000_000_000_000
LOGS = {
    "resourceLogs": [
        {"scopeLogs": [{"logRecords": [{"timeUnixNano": "5", "body": {"stringValue": "tea"}}]}]}
    ]
}


def text(document: Any) -> bytes:
    return json.dumps(document).encode()


def whole(name: str = NAMES[0]) -> dict[str, Any]:
    return traces_json([stored(name)])


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", NAMES)
def test_what_lens_lets_one_download_is_read_again(name: str, pack: Any) -> None:
    trace = stored(name)
    for document in (whole(name), {"result": whole(name)}, story_json(trace)):
        found = read(pack(text(document)))
        assert found.rejected == 0
        assert traces_of(found.spans.taken) == [trace]
    jaeger = read(pack(text({"data": [trace_json(trace)], "total": 0, "errors": None})))
    assert len(jaeger.spans.taken) == len(trace.spans)


def test_a_file_may_have_one_document_on_each_line_of_any_kind() -> None:
    documents = [whole(NAMES[0]), trace_json(stored(NAMES[1])), LOGS, [zipkin(id="7")]]
    lines = b"\n\n".join(map(text, documents)) + b"\r\n"
    found = read(lines)
    assert found.form == "OTLP traces and Jaeger JSON and OTLP logs and Zipkin v2 JSON"
    traces = {trace.trace_id for trace in traces_of(found.spans.taken)}
    assert traces == {stored(NAMES[0]).trace_id, stored(NAMES[1]).trace_id, TRACE}
    assert [line.body for line in found.logs.taken] == ["tea"]


def test_a_bad_line_is_named_and_the_others_are_read() -> None:
    found = read(b"\n".join([text(whole()), b'{"resourceSpans": [', text({"a": 1})]))
    assert len(found.spans.taken) == len(stored(NAMES[0]).spans)
    assert found.spans.first.startswith("line 2: it is not JSON: ")
    assert found.spans.reasons == {"line": 1, "document": 1}


def test_a_bad_span_is_named_with_its_line() -> None:
    odd = {"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "odd"}]}]}]}
    found = read(b"\n".join([text(whole()), text(odd)]))
    assert found.explanation == ('line 2: span "odd": traceId is missing: 32 hex digits are wanted')


def message() -> ExportTraceServiceRequest:
    made = ExportTraceServiceRequest()
    scoped = made.resource_spans.add().scope_spans.add()
    scoped.spans.add(trace_id=bytes.fromhex(TRACE), span_id=b"12345678", name="brew")
    return made


def lengths(*messages: bytes) -> bytes:
    return b"".join(len(one).to_bytes(4, "big") + one for one in messages)


def test_protobuf_is_read_also_as_the_collectors_file_exporter_writes_it() -> None:
    logs = ExportLogsServiceRequest()
    logs.resource_logs.add().scope_logs.add().log_records.add(time_unix_nano=5)
    one, other = message().SerializeToString(), logs.SerializeToString()
    for content in (one, gzip.compress(one), lengths(one), lengths(one, other)):
        found = read(content)
        assert (found.form, [span.name for span in found.spans.taken]) == (
            "OTLP protobuf",
            ["brew"],
        )
    assert len(found.logs.taken) == 1
    assert len(read(other).logs.taken) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "there is no span in it; OTLP as JSON or protobuf"),
        (b"tea", "it is neither JSON nor OTLP protobuf; OTLP as JSON"),
        (b"{", "it is not JSON"),
        (b"[]", "there is no span in it"),
        (b"{}", "there is no span in it"),
        (b'{"data": []}', "there is no span in it"),
        (b'{"data": [{}]}', "there is no span in it"),
        (b'{"data": 5}', "data is 5, not an array"),
        (b'{"resourceMetrics": []}', "this is OTLP metrics; OTLP as JSON or protobuf"),
        (b'{"name": "a", "context": {}}', "this is the output of a console exporter"),
        (b'{"a": 1}', "of no form that is known here: its fields are a"),
        (b'{"traceId": "1", "spans": [5]}', "this is not an answer of lens's API"),
        (b"\x28\xb5\x2f\xfd1234", "zstd"),
        (b"\x1f\x8btea", "it is not gzip"),
        (gzip.compress(b"{}", mtime=0)[:-3], "the gzip is cut short"),
        (b"\0\0\0\x09tea", "cut short: a message of 9 bytes has 3"),
    ],
)
def test_what_has_no_trace_is_refused_with_a_sentence(content: bytes, reason: str) -> None:
    with pytest.raises(NoTraces) as refused:
        read(content)
    assert reason in str(refused.value)


def test_a_small_file_that_unpacks_to_a_large_one_is_refused() -> None:
    with pytest.raises(NoTraces, match="more than 1000 bytes"):
        read(gzip.compress(bytes(1001)), 1000)


def test_answers_of_tempo_are_read_although_their_ids_are_base64() -> None:
    def packed(value: str) -> str:
        return base64.b64encode(bytes.fromhex(value)).decode()

    span = {"traceId": packed(TRACE), "spanId": packed("12" * 8), "name": "brew"}
    group = {"resource": {}, "scopeSpans": [{"spans": [span]}]}
    for document in ({"batches": [group]}, {"trace": {"resourceSpans": [group]}}):
        (found,) = read(text(document)).spans.taken
        assert (found.trace_id, found.span_id) == (TRACE, "12" * 8)


JAEGER: dict[str, Any] = {
    "traceID": "a1",
    "spanID": "B2",
    "operationName": "GET /",
    "flags": 1,
    "references": [
        {"refType": "FOLLOWS_FROM", "traceID": "c3", "spanID": "d4"},
        {"refType": "CHILD_OF", "traceID": "a1", "spanID": "e5"},
        {"refType": "CHILD_OF", "traceID": "a1", "spanID": "f6"},
    ],
    "startTime": US,
    "duration": 7,
    "tags": [
        {"key": "span.kind", "type": "string", "value": "server"},
        {"key": "error", "type": "bool", "value": True},
        {"key": "big", "type": "int64", "value": "9007199254740993"},
        {"key": "ratio", "type": "float64", "value": 0.5},
        {"key": "raw", "type": "binary", "value": "/w=="},
        {"key": "yes", "type": "bool", "value": "true"},
    ],
    "logs": [
        {
            "timestamp": US + 1,
            "fields": [
                {"key": "event", "type": "string", "value": "retry"},
                {"key": "n", "type": "int64", "value": 2},
            ],
        }
    ],
    "processID": "p1",
    "warnings": ["clock skew"],
}


def in_jaeger(**fields: Any) -> Reading:
    tags = [{"key": "host", "type": "string", "value": "h"}]
    processes = {"p1": {"serviceName": "shop", "tags": tags}}
    spans = [{**JAEGER, **fields}, {**JAEGER, "spanID": "99", "operationName": "good"}]
    return read(text({"data": [{"traceID": "a1", "spans": spans, "processes": processes}]}))


def test_a_span_of_jaeger_is_read_with_references_tags_logs_process_and_warnings() -> None:
    assert in_jaeger().spans.taken[0] == Span(
        trace_id="a1".zfill(32),
        span_id="b2".zfill(16),
        parent_id="e5".zfill(16),
        service="shop",
        name="GET /",
        kind=Kind.SERVER,
        start_ns=US * 1000,
        end_ns=(US + 7) * 1000,
        status=Status.ERROR,
        attributes={
            "big": 9007199254740993,
            "ratio": 0.5,
            "raw": b"\xff",
            "yes": True,
            "jaeger.warnings": ["clock skew"],
        },
        resource={"service.name": "shop", "host": "h"},
        events=(Event((US + 1) * 1000, "retry", {"n": 2}),),
        links=(
            Link("c3".zfill(32), "d4".zfill(16)),
            Link("a1".zfill(32), "f6".zfill(16), {"opentracing.ref_type": "child_of"}),
        ),
        flags=1,
    )


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        ({"processID": "p9"}, 'processID "p9" is none of the trace\'s processes'),
        ({"spanID": "g"}, 'spanID "g" is not hex'),
        ({"spanID": 5}, "spanID is 5, a number"),
        ({"startTime": "soon"}, 'startTime is "soon", not a whole number'),
        ({"startTime": 2**62}, "not within 0 and"),
        ({"duration": -1}, "duration is -1, not within 0"),
        ({"operationName": "\ud800"}, "half of a character"),
        ({"references": [{"refType": "CHILD_OF"}]}, "traceID of a reference is missing"),
        ({"tags": [{"key": "n", "type": "int64", "value": "x"}]}, 'tag n is "x", not a whole'),
        ({"tags": [{"key": "n", "type": "binary", "value": "%"}]}, 'tag n is "%", not base64'),
        ({"tags": [{"key": "n", "value": 2**70}]}, "tag n is 118059"),
        ({"logs": [5]}, "a log is 5, not an object"),
        ({"flags": -1}, "flags is -1"),
    ],
)
def test_an_odd_span_of_jaeger_is_rejected_and_the_good_one_is_read(
    odd: dict[str, Any], message: str
) -> None:
    found = in_jaeger(**odd)
    assert [span.name for span in found.spans.taken] == ["good"]
    assert message in found.explanation


def test_jaegers_older_forms_are_read() -> None:
    found = in_jaeger(
        references=[],
        parentSpanID="e5",
        process={"serviceName": "inline"},
        tags=[{"key": "error", "value": "boom"}, {"key": "span.kind", "value": "local"}],
    )
    span = found.spans.taken[0]
    assert (span.parent_id, span.service) == ("e5".zfill(16), "inline")
    assert (span.kind, span.status) == (Kind.UNSPECIFIED, Status.UNSET)
    assert span.attributes["error"] == "boom"
    assert span.attributes["span.kind"] == "local"


def zipkin(**fields: Any) -> dict[str, Any]:
    return {
        "traceId": TRACE,
        "id": "b2",
        "parentId": "a1",
        "kind": "CLIENT",
        "name": "get /cart",
        "timestamp": US,
        "duration": 7,
        "localEndpoint": {"serviceName": "shop", "ipv4": "10.0.0.1", "port": 80},
        "remoteEndpoint": {"serviceName": "cart", "ipv6": "::2", "port": 5004},
        "annotations": [{"timestamp": US + 1, "value": "ws"}],
        "tags": {"http.method": "GET", "error": "refused"},
        **fields,
    }


def test_a_span_of_zipkin_is_read_with_annotations_endpoints_tags_and_debug() -> None:
    (found,) = read(text([zipkin(debug=True)])).spans.taken
    assert found == Span(
        trace_id=TRACE,
        span_id="b2".zfill(16),
        parent_id="a1".zfill(16),
        service="shop",
        name="get /cart",
        kind=Kind.CLIENT,
        start_ns=US * 1000,
        end_ns=(US + 7) * 1000,
        status=Status.ERROR,
        status_message="refused",
        attributes={
            "http.method": "GET",
            "network.local.address": "10.0.0.1",
            "network.local.port": 80,
            "service.peer.name": "cart",
            "network.peer.address": "::2",
            "network.peer.port": 5004,
            "zipkin.debug": True,
        },
        resource={"service.name": "shop"},
        events=(Event((US + 1) * 1000, "ws"),),
    )


def test_both_sides_of_a_shared_span_of_zipkin_are_kept_whoever_comes_first() -> None:
    server = zipkin(kind="SERVER", shared=True, localEndpoint={"serviceName": "cart"}, tags={})
    child = zipkin(id="c3", parentId="b2", localEndpoint={"serviceName": "cart"}, kind=None)
    for spans in ([zipkin(), server, child], [child, server, zipkin()]):
        [trace] = traces_of(read(text([spans])).spans.taken)  # a list of traces
        caller, receiver, below = (
            next(span for span in trace.spans if (span.service, span.kind) == known)
            for known in (
                ("shop", Kind.CLIENT),
                ("cart", Kind.SERVER),
                ("cart", Kind.INTERNAL),
            )
        )
        assert receiver.parent_id == caller.span_id
        assert below.parent_id == receiver.span_id
        assert receiver.came_as.span_id == caller.span_id == "b2".zfill(16)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"traceId": "a1"}, ("trace_id", "a1".zfill(32))),
        ({"parentId": ""}, ("parent_id", None)),
        ({"parentId": "0" * 16}, ("parent_id", None)),
        ({"timestamp": None}, ("start_ns", (US + 1) * 1000)),
        ({"duration": None}, ("end_ns", (US + 1) * 1000)),
        ({"duration": None, "annotations": []}, ("end_ns", US * 1000)),
        ({"kind": None}, ("kind", Kind.INTERNAL)),
        ({"localEndpoint": None}, ("service", "missing-service-name")),
        ({"tags": {}}, ("status", Status.UNSET)),
        ({"tags": {"error": ""}}, ("status", Status.ERROR)),
        ({"tags": {"error": "false"}}, ("status", Status.UNSET)),
        ({"tags": {"otel.status_code": "OK"}}, ("status", Status.OK)),
        ({"tags": {"otel.scope.name": "lib"}}, ("scope", "lib")),
    ],
)
def test_what_zipkin_leaves_out_or_spells_otherwise_is_understood(
    given: dict[str, Any], expected: tuple[str, Any]
) -> None:
    (found,) = read(text([zipkin(**given)])).spans.taken
    assert (expected[0], getattr(found, expected[0])) == expected


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        ({"kind": "LOCAL"}, 'kind is "LOCAL", which is none of CLIENT, SERVER'),
        ({"id": ""}, "id is missing"),
        ({"traceId": TRACE + "00"}, "has 34 hex digits: 32"),
        ({"timestamp": None, "annotations": []}, "neither a timestamp nor an annotation"),
        ({"timestamp": "now"}, 'timestamp is "now", not a whole number'),
        ({"tags": {"a": []}}, "tag a is [], not a string"),
        ({"tags": []}, "tags is [], not an object"),
        ({"localEndpoint": 5}, "localEndpoint is 5, not an object"),
        ({"remoteEndpoint": {"port": 70_000}}, "port of remoteEndpoint is 70000"),
    ],
)
def test_an_odd_span_of_zipkin_is_rejected_and_the_good_one_is_read(
    odd: dict[str, Any], message: str
) -> None:
    found = read(text([zipkin(name="good"), zipkin(**odd)]))
    assert [span.name for span in found.spans.taken] == ["good"]
    assert message in found.explanation
