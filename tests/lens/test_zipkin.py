"""Zipkin's clients send to lens as they would to Zipkin."""

import gzip
import json
from typing import Any

import httpx
import pytest

from lens.store import TraceStore
from traces.model import Kind

TRACE = "5b8efff798038103d269b633813fc60c"
PATH = "/api/v2/spans"


def span(**fields: Any) -> dict[str, Any]:
    return {
        "traceId": TRACE,
        "id": "b2",
        "kind": "CLIENT",
        "name": "get /cart",
        "timestamp": 1_795_000_000_000_000,
        "duration": 9,
        "localEndpoint": {"serviceName": "shop"},
        **fields,
    }


SERVER = span(kind="SERVER", shared=True, localEndpoint={"serviceName": "cart"})


@pytest.mark.parametrize("encoding", ["", "gzip"])
async def test_spans_are_taken_with_202_as_zipkin_does(
    client: httpx.AsyncClient, store: TraceStore, encoding: str
) -> None:
    body = json.dumps([span(), span(id="c3", parentId="b2", kind=None)]).encode()
    content = gzip.compress(body) if encoding else body
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    answer = await client.post(PATH, content=content, headers=headers)
    assert (answer.status_code, answer.content) == (202, b"")
    await store.flushed()
    found = await store.trace(TRACE)
    assert found is not None
    assert found.is_whole
    assert store.intake.counts()["Zipkin v2 JSON"].accepted == {"spans": 2}


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("marked", [True, False])
async def test_both_sides_of_a_call_that_share_an_id_are_kept_whichever_service_reports_first(
    client: httpx.AsyncClient, store: TraceStore, first: int, marked: bool
) -> None:
    reports = [[span()], [{**SERVER, "shared": marked}]]
    for report in (reports[first], reports[1 - first], reports[first]):
        assert (await client.post(PATH, json=report)).status_code == 202
    await store.flushed()
    found = await store.trace(TRACE)
    assert found is not None
    kinds = {one.kind: one for one in found.spans}
    assert set(kinds) == {Kind.CLIENT, Kind.SERVER}
    assert kinds[Kind.SERVER].parent_id == kinds[Kind.CLIENT].span_id
    assert (await store.stats())["duplicates"] == 1
    (shown,) = (await client.get(f"/api/traces/{TRACE}")).json()["data"]
    assert [one["spanID"] for one in shown["spans"]] == ["b2".zfill(16)] * 2
    story = (await client.get(f"/lens/api/traces/{TRACE}")).json()
    assert "same_id" in [one["kind"] for one in story["verdict"]["findings"]]


async def test_a_bad_span_is_said_and_the_good_one_is_kept(
    client: httpx.AsyncClient, store: TraceStore
) -> None:
    answer = await client.post(PATH, json=[span(), span(id="tea")])
    assert answer.status_code == 202
    assert answer.json()["rejected"] == 1
    assert 'id "tea" is not hex' in answer.json()["error"]
    answer = await client.post(PATH, json=[span(id="tea")])
    assert answer.status_code == 400
    await store.flushed()
    assert (await store.stats())["spans"] == 1


@pytest.mark.parametrize(
    ("body", "headers", "status", "message"),
    [
        (b"[", {}, 400, "not JSON"),
        (b"[5]", {}, 400, "not a list of Zipkin's spans"),
        (b'{"resourceSpans": []}', {}, 400, "OTLP traces, not a list of Zipkin's spans: send it"),
        (b'{"data": []}', {}, 400, "Jaeger JSON, not a list"),
        (b"", {"Content-Type": "application/x-protobuf"}, 415, "application/json is"),
        (b"", {"Content-Type": "text/plain"}, 415, "'text/plain' is not taken"),
        (b"[]", {"Content-Encoding": "br"}, 415, "br is not known"),
    ],
)
async def test_what_is_no_list_of_spans_is_refused_with_a_reason(
    client: httpx.AsyncClient, body: bytes, headers: dict[str, str], status: int, message: str
) -> None:
    answer = await client.post(
        PATH, content=body, headers={"Content-Type": "application/json", **headers}
    )
    assert answer.status_code == status
    assert message in answer.json()["error"]


async def test_an_empty_report_is_taken(client: httpx.AsyncClient) -> None:
    assert (await client.post(PATH, json=[])).status_code == 202
