"""No body, however strange, makes the receiver answer 500 or the store lose its way."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lens.routes import api, otlp
from lens.routes.jaeger import v1, v3
from lens.store import TraceStore
from tests.lens.made import JSON, PROTOBUF, T0, request

SIGNALS = st.sampled_from(["/v1/traces", "/v1/logs", "/v1/metrics"])
RELAXED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FIELDS = [
    *("resourceSpans", "scopeSpans", "spans", "resource", "attributes", "traceId", "spanId"),
    *("parentSpanId", "name", "kind", "status", "code", "events", "links", "key", "value"),
    *("startTimeUnixNano", "endTimeUnixNano", "stringValue", "intValue", "arrayValue", "values"),
    *("kvlistValue", "bytesValue", "doubleValue", "boolValue", "resourceLogs", "scopeLogs"),
    *("logRecords", "body", "traceState", "flags", "resourceMetrics", "scopeMetrics", "metrics"),
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "NaN", "1e5", ""])
)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=25,
)
VALUES = st.recursive(
    st.fixed_dictionaries({"stringValue": st.text(max_size=9)})
    | st.fixed_dictionaries({"intValue": st.integers(-(2**63), 2**63 - 1).map(str)})
    | st.fixed_dictionaries({"doubleValue": st.floats(allow_nan=False, allow_infinity=False)})
    | st.sampled_from([{"doubleValue": "NaN"}, {"doubleValue": "-Infinity"}, {}])
    | st.fixed_dictionaries({"boolValue": st.booleans()})
    | st.sampled_from([{"bytesValue": "/w=="}, {"bytesValue": ""}]),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: {"arrayValue": {"values": items}}),
    max_leaves=4,
)
SPANS = st.fixed_dictionaries(
    {
        "traceId": st.integers(1, 5).map(lambda n: f"{n:032x}"),
        "spanId": st.integers(0, 9).map(lambda n: f"{n:016x}"),
        "parentSpanId": st.sampled_from(["", *(f"{n:016x}" for n in range(10))]),
        "name": st.text(max_size=9),
        "kind": st.integers(-3, 9),
        "startTimeUnixNano": st.integers(0, 2**64 - 1).map(str) | st.just(str(T0)),
        "endTimeUnixNano": st.integers(0, 2**64 - 1).map(str) | st.just(str(T0)),
        "status": st.fixed_dictionaries({"code": st.integers(-1, 5)}),
        "attributes": st.lists(
            st.fixed_dictionaries({"key": st.text(max_size=5), "value": VALUES}), max_size=4
        ),
    }
)


@pytest.fixture
def lens(tmp_path: Path) -> Iterator[tuple[FastAPI, TraceStore]]:
    store = TraceStore(tmp_path / "lens.sqlite", max_traces=100, max_mb=16)
    app = FastAPI()
    for part in (otlp, v1, v3, api):
        app.router.routes.extend(part.routes(store).routes)
    yield app, store
    store.close()


async def send(app: FastAPI, method: str, path: str, **more: Any) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.request(method, path, **more)


@RELAXED
@given(path=SIGNALS, body=st.binary(max_size=200), packed=st.booleans())
async def test_random_bytes_are_taken_or_refused(
    lens: tuple[FastAPI, TraceStore], path: str, body: bytes, packed: bool
) -> None:
    headers = PROTOBUF | ({"Content-Encoding": "gzip"} if packed else {})
    answer = await send(lens[0], "POST", path, content=body, headers=headers)
    assert answer.status_code in (200, 400)


@RELAXED
@given(path=SIGNALS, cut=st.integers(0, 200), at=st.integers(0, 199), byte=st.integers(0, 255))
async def test_damaged_protobuf_is_taken_or_refused(
    lens: tuple[FastAPI, TraceStore], path: str, cut: int, at: int, byte: int
) -> None:
    whole = bytearray(request(2, attributes={"a": "b"}).SerializeToString())
    whole[at % len(whole)] = byte
    packed = gzip.compress(bytes(whole[: max(1, len(whole) - cut)]))
    headers = PROTOBUF | {"Content-Encoding": "gzip"}
    answer = await send(lens[0], "POST", path, content=packed, headers=headers)
    assert answer.status_code in (200, 400)


@RELAXED
@given(path=SIGNALS, document=DOCUMENTS)
async def test_json_of_any_shape_is_taken_or_refused(
    lens: tuple[FastAPI, TraceStore], path: str, document: Any
) -> None:
    body = json.dumps(document)
    answer = await send(lens[0], "POST", path, content=body, headers=JSON)
    assert answer.status_code in (200, 400)


@RELAXED
@given(spans=st.lists(SPANS, min_size=1, max_size=8))
async def test_whatever_is_taken_can_be_read_through_every_api(
    lens: tuple[FastAPI, TraceStore], spans: list[dict[str, Any]]
) -> None:
    app, store = lens
    document = {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}
    answer = await send(app, "POST", "/v1/traces", json=document)
    assert answer.status_code == 200
    kept = [one for one in spans if can_be_kept(one)]
    rejected = int(answer.json().get("partialSuccess", {}).get("rejectedSpans", 0))
    assert rejected == len(spans) - len(kept)
    await store.flushed()
    assert (await store.stats())["dropped"] == 0
    for number in {int(one["traceId"], 16) for one in kept}:
        for path in ("/api/traces", "/api/v3/traces", "/lens/api/traces"):
            found = await send(app, "GET", f"{path}/{number:x}")
            assert found.status_code == 200
            found.json()


def can_be_kept(span: dict[str, Any]) -> bool:
    times = (int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"]))
    return int(span["spanId"], 16) > 0 and max(times) < 2**63
