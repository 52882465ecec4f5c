"""The page of errors: each cause once, with how often and since when, and a way to its traces."""

from html import unescape

import httpx
import pytest

from lens.store import failures as store_failures
from tests.lens.paged import EVIL, Keep, plain
from tests.lens.pages_traces import order_status


async def test_causes_have_their_share_and_lead_to_their_traces(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    failed = [order_status(number, auth_fails=True) for number in (1, 2, 3)]
    await keep(*failed, order_status(4, carrier_fails=True), order_status(5))
    answer = await pages.get("/errors")
    page = plain(answer.text)
    assert "2 causes in 4 failed traces; 80 % of 5 traces failed somewhere." in page
    assert "auth GET /auth shared.errors.ShopError auth cannot tell who is asking" in page
    assert "Traces 3 75 %" in page
    assert "Began with gateway GET /orders/{id} (3)" in page
    span = failed[2].spans[2]
    assert f'href="/trace/{failed[2].trace_id}?span={span.span_id}#s-{span.span_id}"' in answer.text
    search = 'href="/search?q=service%3Dauth+name%3D%22GET+%2Fauth%22+status%3Derror&lookback=1h"'
    assert search in unescape(answer.text)


@pytest.mark.parametrize(
    ("params", "status", "words"),
    [
        ({"q": "service=shipping"}, 200, "1 cause in 1 failed trace; 50 % of 2 traces"),
        ({"q": "{service=shipping} > {error}"}, 200, "1 cause in 1 failed trace; 100 % of 1 trace"),
        ({"q": "service=nobody"}, 200, "No errors There is no trace in this time"),
        ({"q": "service=orders status=odd"}, 400, "Not searched yet"),
        ({"q": "trace.errors=0"}, 200, "None of the 1 trace in this time failed"),
        ({"q": EVIL}, 400, "Not searched yet"),
        ({"lookback": "soon"}, 400, "“soon” is not a span of time"),
    ],
)
async def test_a_search_narrows_the_errors(
    pages: httpx.AsyncClient, keep: Keep, params: dict[str, str], status: int, words: str
) -> None:
    await keep(
        order_status(1, auth_fails=True), order_status(4, carrier_fails=True), order_status(5)
    )
    answer = await pages.get("/errors", params=params)
    assert (answer.status_code, words in plain(answer.text)) == (status, True)
    assert "<img src=x" not in answer.text


async def test_of_very_many_failed_traces_the_newest_are_read(
    pages: httpx.AsyncClient, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_failures, "MOST_SPANS", 6)
    await keep(*(order_status(number, auth_fails=True) for number in range(1, 6)))
    page = plain((await pages.get("/errors")).text)
    assert "1 cause in 2 failed traces, the newest of 5; 100 % of 5 traces" in page
