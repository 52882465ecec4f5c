"""Files are imported over HTTP and by the page; both say what was read and what was not."""

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from lens.app import Options, create_app, open_store
from lens.routes.importing import MAX_BYTES
from tests.lens.made import span, trace, trace_id
from tests.lens.paged import plain
from traces.formats.otlp_json import traces_json

GOOD = traces_json([trace(span(1, name="brew"), span(2, 1))])
ODD = {"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "odd", "traceId": "0x1"}]}]}]}
EVIL = "<script>alert(1)</script>"
PASTED = "the text you pasted"


@pytest.fixture
async def lens(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    options = Options(data=tmp_path)
    store = open_store(options)
    transport = httpx.ASGITransport(create_app(store, options))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    store.close()


def file(name: str, content: bytes) -> tuple[str, tuple[str, bytes]]:
    return ("file", (name, content))


async def test_a_file_is_imported_and_can_be_looked_at_at_once(lens: httpx.AsyncClient) -> None:
    content = gzip.compress(json.dumps(GOOD).encode())
    answer = await lens.post("/lens/api/import", params={"name": "a.json.gz"}, content=content)
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "name": "a.json.gz",
            "form": "OTLP traces",
            "traceIds": [trace_id(1)],
            "spans": 2,
            "logRecords": 0,
            "rejected": 0,
            "message": "",
        },
    )
    assert (await lens.get(f"/api/traces/{trace_id(1)}")).status_code == 200


async def test_downloads_of_every_api_load_into_another_lens(
    lens: httpx.AsyncClient, tmp_path: Path
) -> None:
    await lens.post("/lens/api/import", json=GOOD)
    for path in ("/api/traces", "/api/v3/traces", "/lens/api/traces"):
        download = (await lens.get(f"{path}/{trace_id(1)}")).content
        options = Options(data=tmp_path / path.strip("/").replace("/", "-"))
        store = open_store(options)
        transport = httpx.ASGITransport(create_app(store, options))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as other:
            taken = (await other.post("/lens/api/import", content=download)).json()
            again = (await other.get(f"{path}/{trace_id(1)}")).content
        store.close()
        assert (taken["spans"], taken["rejected"]) == (2, 0)
        assert without_now(again) == without_now(download)


def without_now(content: bytes) -> Any:
    """An answer but for the time at which it was made."""
    return {**json.loads(content), "readTimeUnixNano": None}


async def test_what_cannot_be_imported_is_refused_with_its_name(lens: httpx.AsyncClient) -> None:
    answer = await lens.post("/lens/api/import", params={"name": "tea.txt"}, content=b"tea")
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("tea.txt cannot be imported: it is neither JSON")
    counts = (await lens.get("/lens/api/intake")).json()
    assert counts == {"import": {"accepted": {}, "rejected": {}, "refused": 1, "bytes": {}}}


async def test_a_file_beyond_the_limit_is_refused(lens: httpx.AsyncClient) -> None:
    answer = await lens.post("/lens/api/import", content=bytes(MAX_BYTES + 1))
    assert answer.status_code == 400
    assert f"at most {MAX_BYTES} bytes" in answer.json()["detail"]
    packed = gzip.compress(b" " * (MAX_BYTES + 1))
    answer = await lens.post("/lens/api/import", content=packed)
    assert f"more than {MAX_BYTES} bytes" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/lens/api/import", "/import"])
@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}]
)
async def test_a_page_of_another_site_cannot_import(
    lens: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    answer = await lens.post(path, json=GOOD, headers=headers)
    assert answer.status_code == 403
    assert (await lens.get("/lens/api/stats")).json()["spans"] == 0


async def test_the_page_says_for_each_file_what_was_read_and_links_to_it(
    lens: httpx.AsyncClient,
) -> None:
    lines = b"\n".join(json.dumps(one).encode() for one in (GOOD, ODD))
    files = [file("good.jsonl", lines), file(EVIL, b"tea")]
    answer = await lens.post("/import", files=files, data={"text": json.dumps({"result": GOOD})})
    assert answer.status_code == 200
    words = plain(answer.text)
    assert "good.jsonl OTLP traces: 1 trace, 2 spans read. 1 entry was rejected." in words
    assert 'line 2: span "odd": traceId "0x1" begins with 0x' in words
    assert f"{PASTED} OTLP traces: 1 trace, 2 spans read." in words
    assert f"✖ {EVIL} cannot be imported: it is neither JSON" in words
    assert EVIL not in answer.text
    assert answer.text.count(f'href="/trace/{trace_id(1)}"') == 2
    stats = (await lens.get("/lens/api/stats")).json()
    assert (stats["spans"], stats["duplicates"]) == (2, 2)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], "Choose a file, or paste JSON."),
        ([file("", b"")], "Choose a file, or paste JSON."),
        ([file("empty.json", b"")], "empty.json cannot be imported: there is no span in it"),
    ],
)
async def test_a_form_without_traces_says_what_to_do(
    lens: httpx.AsyncClient, files: Any, message: str
) -> None:
    answer = await lens.post("/import", files=files, data={"text": " "})
    assert answer.status_code == 400
    assert message in plain(answer.text)
    assert (await lens.get("/import")).status_code == 200


async def test_the_about_page_counts_what_came_by_its_source(lens: httpx.AsyncClient) -> None:
    assert "Nothing since lens was started." in plain((await lens.get("/about")).text)
    spans = GOOD["resourceSpans"] + ODD["resourceSpans"]
    await lens.post("/v1/traces", json={"resourceSpans": spans})
    await lens.post("/v1/logs", json=GOOD)
    words = plain((await lens.get("/about")).text)
    assert "OTLP/HTTP JSON Taken: spans 2 Rejected for trace id 1" in words
    assert "Requests refused as a whole 1" in words


async def test_a_full_queue_takes_nothing_of_a_file(
    lens: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lens.store.inbox.Inbox.full", True)
    answer = await lens.post("/lens/api/import", json=GOOD)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
