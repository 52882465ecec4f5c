"""A trace as a file: a page that stands alone, and JSON that can be imported again."""

import base64
import hashlib
import json
import re

import httpx
import pytest

from tests.lens.paged import EVIL, Keep, plain
from tests.lens.pages_traces import SERVER, Recorder, large, order_status
from traces.formats.reading import NoTraces, read
from traces.model import Event, Link, Status


async def exported(pages: httpx.AsyncClient, trace: Recorder, form: str) -> httpx.Response:
    return await pages.get(f"/trace/{trace.trace_id}/export", params={"form": form})


@pytest.mark.parametrize("form", ["html", "lens", "otlp", "jaeger"])
async def test_an_exported_trace_can_be_imported_again(
    pages: httpx.AsyncClient, keep: Keep, form: str
) -> None:
    made = order_status(1, auth_fails=True)
    await keep(made)
    answer = await exported(pages, made, form)
    assert answer.status_code == 200
    ending = "html" if form == "html" else f"{form}.json"
    wanted = f'attachment; filename="trace-{made.trace_id}.{ending}"'
    assert answer.headers["content-disposition"] == wanted
    reading = read(answer.content)
    spans = sorted((span.span_id, span.name, span.status) for span in reading.spans.taken)
    assert spans == sorted((span.span_id, span.name, span.status) for span in made.spans)
    assert len(reading.logs.taken) == (len(made.logs) if form in ("html", "lens") else 0)


async def test_the_page_asks_nothing_of_anyone(pages: httpx.AsyncClient, keep: Keep) -> None:
    made = Recorder(1)
    failed = Event(made.start_ns, "exception", {"exception.message": EVIL})
    more = {"status": Status.ERROR, "events": (failed,), "links": (Link("a" * 32, "b" * 16),)}
    span = made.span(EVIL, EVIL, SERVER, 0, 5, None, {EVIL: EVIL, "end": "</script>"}, **more)
    made.log(span, 1, "ERROR", EVIL)
    await keep(made)
    page = (await exported(pages, made, "html")).text
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'"
    body = page.replace(style, "")
    assert not re.findall(r'(?:src|href|action)="(?!#)', body)
    assert "url(" not in style
    assert "@import" not in style
    assert re.findall(r"<script[^>]*>", body) == [
        '<script type="application/json" id="lens-trace">'
    ]
    assert "<img" not in body.partition("<script")[0]
    (taken,) = read(page.encode()).spans.taken
    assert taken.attributes[EVIL] == EVIL


async def test_the_page_of_a_long_trace_has_its_first_rows_and_all_data(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    made = large(1, 1_000)
    await keep(made)
    page = (await exported(pages, made, "html")).text
    assert page.count('<summary class="row') == 1_000
    assert page.count('class="details"') < 320
    assert len(read(page.encode()).spans.taken) == 1_000


async def test_what_cannot_be_exported_has_a_sentence(pages: httpx.AsyncClient, keep: Keep) -> None:
    with pytest.raises(NoTraces, match="not one that lens exported"):
        read(b"<!DOCTYPE html><title>x</title>")
    made = order_status(1)
    await keep(made)
    whole = plain((await exported(pages, made, "html")).text)
    assert "GET /orders/{id} went well" in whole
    assert json.loads((await exported(pages, made, "jaeger")).text)["data"]
