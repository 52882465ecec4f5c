"""What any Jaeger answers to our queries, lens answers too.

Always run against lens in this process. With LENS_CONTRACT_JAEGER_URL (as in http://localhost:16686)
and LENS_CONTRACT_OTLP_URL (as in http://localhost:4318) set, the same requests go to a real Jaeger.
"""

import json
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import anyio
import httpx
import pytest

from lens.store import TraceStore
from tests.lens.made import MS

JAEGER = os.environ.get("LENS_CONTRACT_JAEGER_URL", "")
OTLP = os.environ.get("LENS_CONTRACT_OTLP_URL", "")


@dataclass
class Fixed:
    """The traces of the contract: a good order, an order whose shipping fails, an orphan."""

    run: str = field(default_factory=lambda: secrets.token_hex(8))
    start: int = field(default_factory=lambda: time.time_ns() // MS * MS - 60_000 * MS)

    def trace_id(self, number: int) -> str:
        return f"{self.run}{number:016x}"

    def service(self, name: str) -> str:
        return f"{name}-{self.run}"

    @property
    def window(self) -> dict[str, str]:
        return {
            "query.startTimeMin": rfc3339(self.start - 1_000 * MS),
            "query.startTimeMax": rfc3339(self.start + 59_000 * MS),
        }

    @property
    def micros(self) -> dict[str, int]:
        return {"start": self.start // 1000 - 1_000_000, "end": self.start // 1000 + 59_000_000}

    def document(self) -> dict[str, Any]:
        return {
            "resourceSpans": [
                self.group(
                    "gateway",
                    self.span(1, 1, None, 0, 100, "GET /order", 2, attributes={"n": 7}),
                    self.span(1, 2, 1, 10, 60, "GET", 3),
                    self.span(2, 1, None, 2_000, 300, "GET /order", 2),
                    self.span(2, 2, 1, 2_010, 280, "GET", 3, failed=True),
                ),
                self.group(
                    "orders",
                    self.span(1, 3, 2, 20, 40, "read_order", 2, attributes={"http.route": "/o"}),
                    self.span(2, 3, 2, 2_020, 250, "read_order", 2, failed=True),
                    self.span(3, 4, 99, 4_000, 5, "alone", 1),
                ),
            ]
        }

    def group(self, service: str, *spans: dict[str, Any]) -> dict[str, Any]:
        return {
            "resource": {
                "attributes": keyed({"service.name": self.service(service), "host.name": "box"})
            },
            "scopeSpans": [{"scope": {"name": "lib", "version": "1.0"}, "spans": list(spans)}],
        }

    def span(
        self,
        trace: int,
        number: int,
        parent: int | None,
        at: int,
        ms: int,
        name: str,
        kind: int,
        *,
        failed: bool = False,
        attributes: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        event = {"name": "exception", "attributes": keyed({"exception.type": "Timeout"})}
        start = self.start + at * MS
        return {
            "traceId": self.trace_id(trace),
            "spanId": f"{number:016x}",
            **({} if parent is None else {"parentSpanId": f"{parent:016x}"}),
            "name": name,
            "kind": kind,
            "flags": 1,
            "startTimeUnixNano": str(start),
            "endTimeUnixNano": str(start + ms * MS),
            "attributes": keyed(attributes or {}),
            "events": [{"timeUnixNano": str(start + MS), **event}] if failed else [],
            "status": {"code": 2, "message": "too late"} if failed else {},
        }


def keyed(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value},
        }
        for key, value in attributes.items()
    ]


def rfc3339(time_ns: int) -> str:
    moment = datetime.fromtimestamp(time_ns / 1_000_000_000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Backend:
    """A backend that holds the fixed traces, and whether it is lens."""

    client: httpx.AsyncClient
    fixed: Fixed
    is_lens: bool

    async def get(self, path: str, status: int = 200, **parameters: Any) -> Any:
        answer = await self.client.get(path, params=parameters)
        assert answer.status_code == status, answer.text
        return json.loads(answer.text)

    async def search_v1(self, **parameters: Any) -> list[int]:
        params = {"service": self.fixed.service("gateway"), **self.fixed.micros, **parameters}
        answer = await self.get("/api/traces", **params)
        return sorted(int(one["traceID"][16:], 16) for one in answer["data"])


@pytest.fixture(params=["lens", "jaeger"] if JAEGER and OTLP else ["lens"])
async def backend(
    request: pytest.FixtureRequest, store: TraceStore, client: httpx.AsyncClient
) -> AsyncIterator[Backend]:
    fixed = Fixed()
    if request.param == "lens":
        assert (await client.post("/v1/traces", json=fixed.document())).status_code == 200
        await store.flushed()
        yield Backend(client, fixed, is_lens=True)
    else:
        async with httpx.AsyncClient(base_url=JAEGER) as real:
            sent = await real.post(f"{OTLP}/v1/traces", json=fixed.document())
            assert sent.status_code == 200
            await until(lambda: holds(real, fixed))
            yield Backend(real, fixed, is_lens=False)


async def holds(client: httpx.AsyncClient, fixed: Fixed) -> bool:
    answers = [await client.get(f"/api/traces/{fixed.trace_id(n)}") for n in (1, 2, 3)]
    return all(answer.status_code == 200 for answer in answers)


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    with anyio.fail_after(10):
        while not await true():
            await anyio.lowlevel.checkpoint()


def tags(entries: list[dict[str, Any]]) -> dict[str, tuple[str, Any]]:
    return {entry["key"]: (entry["type"], entry["value"]) for entry in entries}


async def test_v1_wraps_everything_in_one_envelope(backend: Backend) -> None:
    answer = await backend.get("/api/services")
    assert set(answer) == {"data", "total", "limit", "offset", "errors"}
    assert (answer["limit"], answer["offset"], answer["errors"]) == (0, 0, None)
    assert answer["total"] == len(answer["data"])
    assert {backend.fixed.service("gateway"), backend.fixed.service("orders")} <= set(
        answer["data"]
    )


async def test_v1_lists_operations_of_a_service(backend: Backend) -> None:
    service = backend.fixed.service("gateway")
    answer = await backend.get("/api/operations", service=service)
    assert sorted(answer["data"], key=lambda one: str(one["name"])) == [
        {"name": "GET", "spanKind": "client"},
        {"name": "GET /order", "spanKind": "server"},
    ]
    only = await backend.get("/api/operations", service=service, spanKind="client")
    assert only["data"] == [{"name": "GET", "spanKind": "client"}]
    names = await backend.get(f"/api/services/{service}/operations")
    assert sorted(names["data"]) == ["GET", "GET /order"]
    assert names["total"] == 2


async def test_v1_writes_a_trace_as_jaeger_does(backend: Backend) -> None:
    fixed = backend.fixed
    answer = await backend.get(f"/api/traces/{fixed.trace_id(2)}", raw="true")
    (trace,) = answer["data"]
    assert set(trace) == {"traceID", "spans", "processes", "warnings"}
    assert trace["traceID"] == fixed.trace_id(2)
    span = next(one for one in trace["spans"] if one["spanID"] == f"{3:016x}")
    assert trace["processes"][span["processID"]] == {
        "serviceName": fixed.service("orders"),
        "tags": [{"key": "host.name", "type": "string", "value": "box"}],
    }
    assert span["operationName"] == "read_order"
    # Jaegers before 2.20 leave the flags of OTLP out.
    assert span.get("flags") in ((1,) if backend.is_lens else (1, None))
    assert span["startTime"] == fixed.start // 1000 + 2_020_000
    assert span["duration"] == 250_000
    assert span["references"] == [
        {"refType": "CHILD_OF", "traceID": fixed.trace_id(2), "spanID": f"{2:016x}"}
    ]
    assert span["warnings"] is None
    assert tags(span["tags"]) == {
        "otel.scope.name": ("string", "lib"),
        "otel.scope.version": ("string", "1.0"),
        "span.kind": ("string", "server"),
        "otel.status_code": ("string", "ERROR"),
        "error": ("bool", True),
        "otel.status_description": ("string", "too late"),
    }
    assert span["logs"] == [
        {
            "timestamp": fixed.start // 1000 + 2_021_000,
            "fields": [
                {"key": "event", "type": "string", "value": "exception"},
                {"key": "exception.type", "type": "string", "value": "Timeout"},
            ],
        }
    ]


async def test_v1_writes_whole_numbers_and_missing_parents_as_jaeger_does(
    backend: Backend,
) -> None:
    answer = await backend.get(f"/api/traces/{backend.fixed.trace_id(1)}", raw="true")
    root = next(one for one in answer["data"][0]["spans"] if one["operationName"] == "GET /order")
    assert tags(root["tags"])["n"] == ("int64", 7)
    assert root["references"] == []
    assert root["logs"] == []


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, [1, 2]),
        ({"operation": "GET"}, [1, 2]),
        ({"operation": "nothing"}, []),
        ({"minDuration": "200ms"}, [2]),
        ({"maxDuration": "90ms"}, [1]),
        ({"minDuration": "50ms", "maxDuration": "70ms"}, [1]),
        ({"tag": "n:7"}, [1]),
        ({"tags": '{"n":"8"}'}, []),
        ({"tag": "exception.type:Timeout"}, [2]),
        ({"limit": "1"}, [2]),
        ({"lookback": "1h"}, [1, 2]),
    ],
)
async def test_v1_search_finds_what_jaeger_finds(
    backend: Backend, parameters: dict[str, str], expected: list[int]
) -> None:
    found = await backend.search_v1(**parameters)
    if parameters == {"limit": "1"} and not backend.is_lens:
        # Its memory store goes by arrival, lens by start; one trace is what both promise.
        assert len(found) == 1
    else:
        assert found == expected


@pytest.mark.parametrize(
    "parameters",
    [
        {"service": ""},
        {"start": "yesterday"},
        {"minDuration": "5"},
        {"minDuration": "2s", "maxDuration": "1s"},
        {"limit": "many"},
        {"tag": "no-colon"},
        {"tags": "{"},
        {"traceID": "xyz"},
    ],
)
async def test_v1_refuses_parameters_in_its_envelope(
    backend: Backend, parameters: dict[str, str]
) -> None:
    params = {"service": "any", **parameters}
    answer = await backend.get("/api/traces", 400, **params)
    assert answer["data"] is None
    assert answer["errors"][0]["code"] == 400
    assert answer["errors"][0]["msg"]


async def test_v1_finds_traces_by_several_ids_and_names_the_missing(backend: Backend) -> None:
    fixed = backend.fixed
    wanted = [fixed.trace_id(1), fixed.trace_id(2), fixed.trace_id(66)]
    answer = await backend.get("/api/traces", traceID=wanted)
    assert {one["traceID"] for one in answer["data"]} == set(wanted[:2])
    assert [(one["msg"], one["traceID"]) for one in answer["errors"]] == [
        ("trace not found", wanted[2])
    ]


async def test_v1_says_404_for_a_trace_it_does_not_have(backend: Backend) -> None:
    answer = await backend.get(f"/api/traces/{backend.fixed.trace_id(99)}", 404)
    assert answer["errors"] == [{"code": 404, "msg": "trace not found"}]
    assert (await backend.get("/api/traces/nonsense", 400))["errors"][0]["code"] == 400


async def test_v1_counts_calls_between_services(backend: Backend) -> None:
    end = backend.fixed.start // MS + 59_000
    answer = await backend.get("/api/dependencies", endTs=end, lookback=120_000)
    gateway, orders = backend.fixed.service("gateway"), backend.fixed.service("orders")
    assert {"parent": gateway, "child": orders, "callCount": 2} in answer["data"]
    other = await backend.get("/api/dependencies", endTs=end, lookback=120_000, service="other")
    assert other["data"] in ([], None)


async def test_v1_transforms_an_uploaded_document(backend: Backend) -> None:
    document = backend.fixed.document()
    answer = await backend.client.post("/api/transform", json=document)
    assert answer.status_code == 200
    ids = {one["traceID"] for one in answer.json()["data"]}
    assert ids == {backend.fixed.trace_id(n) for n in (1, 2, 3)}
    refused = await backend.client.post("/api/transform", content=b"{")
    assert refused.status_code == 400


async def test_v3_lists_services_and_operations(backend: Backend) -> None:
    answer = await backend.get("/api/v3/services")
    assert backend.fixed.service("orders") in answer["services"]
    service = backend.fixed.service("orders")
    answer = await backend.get("/api/v3/operations", service=service)
    assert sorted(answer["operations"], key=lambda one: str(one["name"])) == [
        {"name": "alone", "spanKind": "internal"},
        {"name": "read_order", "spanKind": "server"},
    ]
    only = await backend.get("/api/v3/operations", service=service, span_kind="server")
    assert only["operations"] == [{"name": "read_order", "spanKind": "server"}]


def spans_of(answer: Any) -> list[dict[str, Any]]:
    return [
        span
        for group in answer["result"]["resourceSpans"]
        for scoped in group["scopeSpans"]
        for span in scoped["spans"]
    ]


async def test_v3_writes_a_trace_as_otlp(backend: Backend) -> None:
    fixed = backend.fixed
    answer = await backend.get(f"/api/v3/traces/{fixed.trace_id(2)}")
    assert len(spans_of(answer)) == 3
    span = next(one for one in spans_of(answer) if one["spanId"] == f"{3:016x}")
    assert span["traceId"] == fixed.trace_id(2)
    assert span["parentSpanId"] == f"{2:016x}"
    assert (span["name"], span["kind"]) == ("read_order", 2)
    assert span["startTimeUnixNano"] == str(fixed.start + 2_020 * MS)
    assert span["endTimeUnixNano"] == str(fixed.start + 2_270 * MS)
    assert span["status"] == {"code": 2, "message": "too late"}
    assert span["events"][0]["name"] == "exception"
    group = next(
        one for one in answer["result"]["resourceSpans"] if span in one["scopeSpans"][0]["spans"]
    )
    assert {"key": "host.name", "value": {"stringValue": "box"}} in group["resource"]["attributes"]
    assert group["scopeSpans"][0]["scope"] == {"name": "lib", "version": "1.0"}


@pytest.mark.parametrize(
    ("parameters", "spans"),
    [
        ({"service_name": "gateway"}, 6),
        ({"service_name": "gateway", "operation_name": "GET /order"}, 6),
        ({"service_name": "gateway", "duration_min": "200ms"}, 3),
        ({"service_name": "orders", "duration_max": "10ms"}, 1),
        ({"service_name": "gateway", "num_traces": "1"}, 3),
    ],
)
async def test_v3_search_takes_snake_case(
    backend: Backend, parameters: dict[str, str], spans: int
) -> None:
    service = backend.fixed.service(parameters["service_name"])
    window = {
        "query.start_time_min": backend.fixed.window["query.startTimeMin"],
        "query.start_time_max": backend.fixed.window["query.startTimeMax"],
        "query.num_traces": "20",
    }
    params = {f"query.{name}": value for name, value in parameters.items()}
    wanted: dict[str, Any] = {**window, **params, "query.service_name": service}
    answer = await backend.get("/api/v3/traces", **wanted)
    assert len(spans_of(answer)) == spans


async def test_v3_says_404_when_nothing_is_found(backend: Backend) -> None:
    wanted: dict[str, Any] = {
        "query.start_time_min": backend.fixed.window["query.startTimeMin"],
        "query.start_time_max": backend.fixed.window["query.startTimeMax"],
        "query.num_traces": "5",
        "query.service_name": "nobody",
    }
    answer = await backend.get("/api/v3/traces", 404, **wanted)
    assert answer == {"error": {"httpCode": 404, "message": "No traces found"}}


async def test_v3_refuses_parameters_in_its_own_shape(backend: Backend) -> None:
    for path in ("/api/v3/traces", "/api/v3/traces/xyz"):
        answer = await backend.get(path, 400)
        assert answer["error"]["httpCode"] == 400
        assert answer["error"]["message"]
