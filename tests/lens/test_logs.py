"""Log lines are kept with all that OTLP says of them, are found, and lead to their span."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from lens.app import Options, create_app
from lens.store import TraceStore
from tests.lens.made import JSON, MS, PROTOBUF, T0, span, span_id, trace_id
from traces.formats.story import line_of

ORIGIN = {"resource_schema": "https://resource", "scope_schema": "https://scope"}


def record(body: str, number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "timeUnixNano": str(T0 + number * MS),
        "body": {"stringValue": body},
        "traceId": trace_id(1),
        "spanId": span_id(1),
        **more,
    }


def document(*records: dict[str, Any], service: str = "shop") -> dict[str, Any]:
    named = {"key": "service.name", "value": {"stringValue": service}}
    scope = {"name": "shop.orders", "version": "2.1", "droppedAttributesCount": 4}
    scoped = {"scope": scope, "schemaUrl": "https://scope", "logRecords": records}
    resource = {"attributes": [named], "droppedAttributesCount": 1}
    group = {"resource": resource, "schemaUrl": "https://resource", "scopeLogs": [scoped]}
    return {"resourceLogs": [group]}


@pytest.fixture
async def lens(store: TraceStore, tmp_path: Path) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_app(store, Options(tmp_path)))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


async def sent(store: TraceStore, lens: httpx.AsyncClient, *records: dict[str, Any]) -> None:
    answer = await lens.post("/v1/logs", json=document(*records), headers=JSON)
    assert answer.json() == {}
    await store.flushed()


async def found(lens: httpx.AsyncClient, **query: object) -> list[str]:
    answer = await lens.get("/lens/api/logs", params={k: str(v) for k, v in query.items()})
    assert answer.status_code == 200, answer.text
    return [one["body"] for one in answer.json()["logs"]]


@pytest.mark.parametrize("media", ["json", "protobuf"])
async def test_scope_flags_event_and_what_was_left_out_are_kept(
    store: TraceStore, lens: httpx.AsyncClient, media: str
) -> None:
    one = record("low on tea", severityNumber=14, eventName="stock.low", flags=1)
    one["droppedAttributesCount"] = 3
    if media == "json":
        await lens.post("/v1/logs", json=document(one), headers=JSON)
    else:
        body = ExportLogsServiceRequest()
        group = body.resource_logs.add(schema_url="https://resource")
        group.resource.dropped_attributes_count = 1
        group.resource.attributes.add(key="service.name").value.string_value = "shop"
        scoped = group.scope_logs.add(schema_url="https://scope")
        scoped.scope.name, scoped.scope.version = "shop.orders", "2.1"
        scoped.scope.dropped_attributes_count = 4
        line = scoped.log_records.add(
            time_unix_nano=T0 + MS, severity_number=14, event_name="stock.low", flags=1
        )
        line.dropped_attributes_count = 3
        line.body.string_value = "low on tea"
        line.trace_id, line.span_id = bytes.fromhex(trace_id(1)), bytes.fromhex(span_id(1))
        await lens.post("/v1/logs", content=body.SerializeToString(), headers=PROTOBUF)
    store.offer([span(1)])
    await store.flushed()
    kept = await store.trace(trace_id(1))
    assert kept is not None
    (line_kept,) = kept.logs
    assert (line_kept.severity, line_kept.level, line_kept.event) == ("WARN", 14, "stock.low")
    assert (line_kept.flags, line_kept.dropped) == (1, 3)
    assert (line_kept.scope, line_kept.scope_version) == ("shop.orders", "2.1")
    assert (line_kept.origin.resource_dropped, line_kept.origin.scope_dropped) == (1, 4)
    assert line_kept.origin.resource_schema == "https://resource"
    assert line_kept.resource == {"service.name": "shop"}
    (read,) = (await lens.get("/lens/api/logs")).json()["logs"]
    assert line_of(read["traceId"], json.loads(json.dumps(read))) == line_kept
    assert read["spanName"] == "work"
    page = (await lens.get("/logs?lookback=any")).text
    for words in (
        "stock.low",
        "low on tea",
        "shop.orders 2.1",
        "Attributes left out",
        "0x1: sampled",
    ):
        assert words in page
    assert f"/trace/{trace_id(1)}?span={span_id(1)}#s-{span_id(1)}" in page


@pytest.mark.parametrize(
    ("query", "bodies"),
    [
        ({}, ["Bank is away", "tea 100% sold", "hello"]),
        ({"text": "BANK"}, ["Bank is away"]),
        ({"text": "100%"}, ["tea 100% sold"]),
        ({"text": "1_0"}, []),
        ({"text": "ann"}, ["tea 100% sold"]),
        ({"text": "bank.away"}, ["Bank is away"]),
        ({"level": "warn"}, ["Bank is away", "tea 100% sold"]),
        ({"level": "error"}, ["Bank is away"]),
        ({"service": "nobody"}, []),
        ({"service": "shop"}, ["Bank is away", "tea 100% sold", "hello"]),
        ({"trace": trace_id(2)}, ["Bank is away"]),
        ({"trace": "2"}, ["Bank is away"]),
        ({"since": T0 + 2 * MS}, ["Bank is away", "tea 100% sold"]),
        ({"until": T0 + 2 * MS}, ["tea 100% sold", "hello"]),
        ({"limit": 1}, ["Bank is away"]),
        ({"after": 0}, ["hello", "tea 100% sold", "Bank is away"]),
        ({"after": 1, "limit": 1}, ["tea 100% sold"]),
        ({"after": 99}, []),
    ],
)
async def test_lines_are_found_by_text_level_service_trace_and_time(
    store: TraceStore, lens: httpx.AsyncClient, query: dict[str, object], bodies: list[str]
) -> None:
    user = {"key": "user", "value": {"stringValue": "ann"}}
    await sent(
        store,
        lens,
        record("hello", 1, severityNumber=9),
        record("tea 100% sold", 2, severityText="warning", attributes=[user]),
        record("Bank is away", 3, severityNumber=17, traceId=trace_id(2), eventName="bank.away"),
    )
    assert await found(lens, **query) == bodies


async def test_who_follows_gets_each_line_once(store: TraceStore, lens: httpx.AsyncClient) -> None:
    await sent(store, lens, *(record(f"line {number}", number) for number in range(5)))
    last = (await lens.get("/lens/api/logs?limit=1")).json()["last"]
    assert (await lens.get(f"/lens/api/logs?after={last}")).json() == {"logs": [], "last": last}
    await sent(store, lens, record("late", 0), record("later", 1))
    first = (await lens.get(f"/lens/api/logs?after={last}&limit=1")).json()
    second = (await lens.get(f"/lens/api/logs?after={first['last']}&limit=1")).json()
    assert [one["body"] for one in first["logs"] + second["logs"]] == ["late", "later"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("level=loud", "“loud” is not a level. There are trace, debug,"),
        ("trace=tea", "“tea” has no trace id of up to 32 hex digits."),
        ("lookback=soon", "“soon” is not a span of time."),
        ("limit=0", "“0” is not a whole number from 1 to 1000."),
        ("span=xyz", "“xyz” is not a span id of 16 hex digits."),
    ],
)
async def test_a_wrong_field_of_the_page_has_a_sentence(
    lens: httpx.AsyncClient, query: str, sentence: str
) -> None:
    page = await lens.get(f"/logs?{query}")
    assert page.status_code == 400
    assert sentence in page.text


async def test_a_line_whose_trace_is_not_kept_says_so_and_has_no_dead_link(
    store: TraceStore, lens: httpx.AsyncClient
) -> None:
    await sent(store, lens, record("alone"), record("outside", traceId="", spanId=""))
    page = (await lens.get("/logs?lookback=any")).text
    assert "is not kept" in page
    assert "outside any span" in page
    assert f'href="/trace/{trace_id(1)}' not in page


async def test_a_search_without_lines_says_what_to_do(
    store: TraceStore, lens: httpx.AsyncClient
) -> None:
    assert "OTEL_LOGS_EXPORTER=otlp" in (await lens.get("/logs")).text
    await sent(store, lens, record("hello"))
    page = (await lens.get("/logs?text=nothing")).text
    assert "No log line matches" in page
    assert "1 line is kept" in page


async def test_nothing_a_line_says_becomes_markup(
    store: TraceStore, lens: httpx.AsyncClient
) -> None:
    evil = "<script>alert(1)</script>"
    pair = {"key": evil, "value": {"stringValue": evil}}
    await sent(store, lens, record(evil, eventName=evil, severityText=evil, attributes=[pair]))
    page = (await lens.get("/logs", params={"lookback": "any", "text": evil})).text
    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page.lower()
