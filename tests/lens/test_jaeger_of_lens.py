"""What lens's Jaeger APIs do beyond the contract: summaries, tags, odd values."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from lens.store import TraceStore
from tests.lens.made import MS, T0, span, span_id, trace_id
from traces.formats.jaeger import tag
from traces.model import Event, Link, Status

WINDOW = {
    "query.startTimeMin": "2020-01-01T00:00:00Z",
    "query.startTimeMax": "2030-01-01T00:00:00.123456789+02:00",
}


@pytest.fixture
async def lens(client: httpx.AsyncClient, store: TraceStore) -> httpx.AsyncClient:
    """lens with three traces: one with a failed span, a lone root, a lone orphan."""
    store.offer(
        [
            span(1, trace=1, kind="server", service="gateway", name="GET /"),
            span(2, 1, trace=1, at=1, kind="unspecified", service="cart", status=Status.ERROR),
            span(1, trace=2, at=50, service="gateway", attributes={"http.status_code": 404}),
            span(9, 8, trace=3, at=99, service="cart", scope="lib", flags=257),
        ]
    )
    await store.flushed()
    return client


async def summaries(lens: httpx.AsyncClient, **more: str) -> list[int]:
    params = WINDOW | {f"query.{name}": value for name, value in more.items()}
    answer = await lens.get("/api/v3/trace-summaries", params=params)
    assert answer.status_code == 200, answer.text
    return [int(one["traceId"], 16) for one in answer.json()["summaries"]]


async def test_a_summary_has_all_that_jaegers_pages_ask_of_it(lens: httpx.AsyncClient) -> None:
    answer = await lens.get("/api/v3/trace-summaries", params=WINDOW)
    assert answer.json()["summaries"][2] == {
        "traceId": trace_id(1),
        "rootServiceName": "gateway",
        "rootOperationName": "GET /",
        "minStartTimeUnixNano": str(T0),
        "maxEndTimeUnixNano": str(T0 + 11 * MS),
        "spanCount": 2,
        "errorSpanCount": 1,
        "orphanSpanCount": 0,
        "services": [
            {"name": "cart", "spanCount": 1, "errorSpanCount": 1},
            {"name": "gateway", "spanCount": 1, "errorSpanCount": 0},
        ],
    }


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"error": "true"}, [1]),
        ({"error": "false"}, [3, 2, 1]),
        ({"span.status": "error"}, [1]),
        ({"span.kind": "server"}, [1]),
        ({"scope.name": "lib"}, [3]),
        ({"resource.service.name": "cart"}, [3, 1]),
        ({"http.response.status_code": "404"}, [2]),
        ({"http.status_code": "404"}, [2]),
        ({"http.status_code": "40"}, []),
    ],
)
async def test_v3_search_understands_special_attributes(
    lens: httpx.AsyncClient, attributes: dict[str, str], expected: list[int]
) -> None:
    assert await summaries(lens, attributes=json.dumps(attributes)) == expected


async def test_v3_search_needs_no_service_and_keeps_to_its_depth(
    lens: httpx.AsyncClient,
) -> None:
    assert await summaries(lens) == [3, 2, 1]
    assert await summaries(lens, searchDepth="1") == [3]
    assert await summaries(lens, search_depth="1") == [3]
    assert await summaries(lens, num_traces="2") == [3, 2]
    assert await summaries(lens, serviceName="gateway") == [2, 1]
    assert await summaries(lens, service_name="gateway") == [2, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"query.startTimeMin": ""},
        {"query.startTimeMax": "tomorrow"},
        {"query.startTimeMax": "2030-01-01T00:00:00"},
        {"query.durationMin": "5"},
        {"query.searchDepth": "0"},
        {"query.attributes": "[]"},
        {"query.attributes": '{"a": 1}'},
        {"query.filter": "{}"},
    ],
)
async def test_v3_names_the_parameter_it_cannot_use(
    lens: httpx.AsyncClient, wrong: dict[str, str]
) -> None:
    answer = await lens.get("/api/v3/trace-summaries", params=WINDOW | wrong)
    assert answer.status_code == 400
    assert answer.json()["error"]["httpCode"] == 400
    assert next(iter(wrong)) in answer.json()["error"]["message"]


async def test_a_time_is_read_to_the_nanosecond(lens: httpx.AsyncClient) -> None:
    found = [int(one["traceId"], 16) for one in await spans_within(lens, "0", "5")]
    assert found == [1]
    assert await spans_within(lens, "000000001", "000000009") == []


async def spans_within(lens: httpx.AsyncClient, start: str, end: str) -> list[dict[str, str]]:
    second = datetime.fromtimestamp(T0 // 10**9, UTC).isoformat().removesuffix("+00:00")
    params = {"query.startTimeMin": f"{second}.{start}Z", "query.startTimeMax": f"{second}.{end}Z"}
    answer = await lens.get(
        "/api/v3/trace-summaries", params={**params, "query.attributes": '{"span.kind":"server"}'}
    )
    summaries: list[dict[str, str]] = answer.json()["summaries"]
    return summaries


async def test_a_short_id_is_shown_short_in_v1_and_long_in_v3(lens: httpx.AsyncClient) -> None:
    old = (await lens.get("/api/traces/1")).json()["data"][0]
    assert old["traceID"] == span_id(1)
    assert {one["traceID"] for one in old["spans"]} == {span_id(1)}
    new = (await lens.get("/api/v3/traces/1")).json()["result"]
    ids = {
        one["traceId"]
        for group in new["resourceSpans"]
        for scoped in group["scopeSpans"]
        for one in scoped["spans"]
    }
    assert ids == {trace_id(1)}


async def test_a_trace_is_found_by_its_id_whatever_range_is_given(
    lens: httpx.AsyncClient,
) -> None:
    answer = await lens.get(f"/api/traces/{trace_id(1).upper()}", params={"start": 1, "end": 2})
    assert answer.status_code == 200


async def test_pretty_print_is_for_people(lens: httpx.AsyncClient) -> None:
    plain = await lens.get("/api/services")
    pretty = await lens.get("/api/services", params={"prettyPrint": "true"})
    assert plain.json() == pretty.json()
    assert plain.text.count("\n") == 0 < pretty.text.count("\n")


@pytest.mark.parametrize("params", [{"tags": '{"error":"true"}'}, {"tag": "error:true"}])
async def test_v1_search_for_errors_finds_failed_spans_of_the_service(
    lens: httpx.AsyncClient, params: dict[str, str]
) -> None:
    for service, expected in (("cart", [1]), ("gateway", [])):
        answer = await lens.get("/api/traces", params={"service": service, **params})
        assert [int(one["traceID"], 16) for one in answer.json()["data"]] == expected


async def test_an_unknown_address_of_the_api_is_a_plain_404(lens: httpx.AsyncClient) -> None:
    answer = await lens.get("/api/nothing")
    assert answer.status_code == 404
    assert "text/html" not in answer.headers["content-type"]


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        (True, "bool", True),
        (2**53 - 1, "int64", 2**53 - 1),
        (2**53, "int64", "9007199254740992"),
        (-(2**60), "int64", str(-(2**60))),
        (1.5, "float64", 1.5),
        (float("nan"), "float64", "nan"),
        (b"\xff", "binary", "/w=="),
        ("x", "string", "x"),
        ([1, "a"], "string", '[1,"a"]'),
        ({"a": True}, "string", '{"a":true}'),
        (None, "string", ""),
    ],
)
def test_v1_tags_say_their_type(value: Any, kind: str, shown: Any) -> None:
    assert tag("k", value) == {"key": "k", "type": kind, "value": shown}


async def test_odd_values_survive_the_way_through_v3(
    lens: httpx.AsyncClient, store: TraceStore
) -> None:
    odd = span(
        1,
        trace=7,
        attributes={
            "big": 2**60,
            "nan": float("nan"),
            "inf": float("-inf"),
            "raw": b"\xff",
            "none": None,
            "list": [1, [b"\0"]],
            "map": {"a": 1.5},
        },
        links=(Link(trace_id(8), span_id(8), {"opentracing.ref_type": "child_of"}),),
        events=(Event(T0, "", {}),),
        flags=257,
    )
    store.offer([odd])
    await store.flushed()
    first = (await lens.get("/api/v3/traces/7")).json()["result"]
    (shown,) = first["resourceSpans"][0]["scopeSpans"][0]["spans"]
    values = {one["key"]: one["value"] for one in shown["attributes"]}
    assert values["big"] == {"intValue": str(2**60)}
    assert values["nan"] == {"doubleValue": "NaN"}
    assert values["raw"] == {"bytesValue": "/w=="}
    assert values["none"] == {}
    # What lens gives out it takes in again.
    renamed = json.loads(json.dumps(first).replace(trace_id(7), trace_id(17)))
    assert (await lens.post("/v1/traces", json=renamed)).json() == {}
    await store.flushed()
    again = (await lens.get(f"/api/v3/traces/{trace_id(17)}")).json()["result"]
    assert again == renamed
    old = (await lens.get("/api/traces/7")).json()["data"][0]["spans"][0]
    assert old["references"][0]["refType"] == "CHILD_OF"
    assert old["logs"] == [{"timestamp": T0 // 1000, "fields": []}]


async def test_processes_are_numbered_once_for_each_resource(
    lens: httpx.AsyncClient, store: TraceStore
) -> None:
    store.offer(
        [
            span(1, trace=5, service="a"),
            span(2, 1, trace=5, at=1, service="a"),
            span(3, 1, trace=5, at=2, service="a", resource={"service.name": "a", "pid": 2}),
        ]
    )
    await store.flushed()
    (found,) = (await lens.get("/api/traces/5")).json()["data"]
    assert [one["processID"] for one in found["spans"]] == ["p1", "p1", "p2"]
    assert found["processes"]["p2"]["tags"] == [{"key": "pid", "type": "int64", "value": 2}]
