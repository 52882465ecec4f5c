"""Rate, errors and duration of services and operations come from the spans that are kept."""

import time
from collections.abc import AsyncIterator, Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zlib import crc32

import httpx
import pytest

from lens.app import Options, create_app
from lens.domain.red import BARS, Sample, Work, of_services, ranked, red, windows
from lens.store import TraceStore
from tests.lens.made import MS, T0, span
from tests.lens.paged import plain
from traces.model import Span, Status

SECOND = 1_000 * MS
NOW = time.time_ns()


@pytest.fixture
async def lens(store: TraceStore, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(store, Options(tmp_path)))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


def some(count: int, *, service: str = "orders", ms: float = 10, **more: Any) -> Iterator[Span]:
    """Root spans of traces of their own, the last of which began a second ago."""
    before = (NOW - T0) / MS - 1_000
    for number in range(count):
        trace = crc32(repr((service, more, ms, number)).encode()) + 1
        yield span(1, trace=trace, at=before - 100 * number, ms=ms, service=service, **more)


async def kept(store: TraceStore, *spans: Span) -> None:
    assert store.offer(spans)
    await store.flushed()


async def test_the_page_has_rate_errors_and_percentiles_of_each_service(
    store: TraceStore, lens: httpx.AsyncClient
) -> None:
    await kept(
        store,
        *some(90, kind="server", name="GET /order/{id}"),
        *some(10, kind="server", name="GET /order/{id}", ms=500, status=Status.ERROR),
        *some(7, kind="client", name="GET /price", ms=1),
        *some(3, service="batch", name="nightly", ms=40),
    )
    page = plain((await lens.get("/services?service=orders")).text)
    assert "From 110 spans" in page
    assert "batch its own spans: it receives nothing" in page
    service, _, operations = page.partition("Operations of orders")
    assert "100 ✖ 10 % 10 ms 500 ms 500 ms" in service
    assert "GET /order/{id} server" in operations
    assert "GET /price client" in operations
    assert "7 0 % 1 ms 1 ms 1 ms" in operations


async def test_each_number_leads_to_traces_with_such_spans(
    store: TraceStore, lens: httpx.AsyncClient
) -> None:
    await kept(
        store,
        *some(19, kind="server", name='GET "/x"'),
        *some(1, kind="server", name='GET "/x"', ms=500, status=Status.ERROR),
        *some(5, service="cart", ms=900, status=Status.ERROR),
    )
    page = unescape((await lens.get("/services?service=orders&lookback=15m")).text)
    links = {part.split('"')[0] for part in page.split('href="')[1:]}
    searches = [link for link in links if link.startswith("/search?") and "orders" in link]
    found = {}
    for link in searches:
        query = parse_qs(urlsplit(link).query)
        assert query["lookback"] == ["15m"]
        results = (await lens.get(link)).text
        found[query["q"][0]] = results.count('<tr id="t-')
    of = 'service=orders name="GET \\"/x\\"" kind=server'
    assert found == {
        "service=orders kind=server": 20,
        "service=orders kind=server status=error": 1,
        "service=orders kind=server duration>=10000000ns": 20,
        "service=orders kind=server duration>=500000000ns": 1,
        of: 20,
        f"{of} status=error": 1,
        f"{of} duration>=10000000ns": 20,
        f"{of} duration>=500000000ns": 1,
    }


async def test_a_window_leaves_older_spans_out_and_a_wrong_one_is_a_sentence(
    store: TraceStore, lens: httpx.AsyncClient
) -> None:
    await kept(store, span(1, kind="server"), *some(2, kind="server"))
    assert "From 2 spans" in plain((await lens.get("/services")).text)
    assert "From 3 spans" in plain((await lens.get("/services?lookback=any")).text)
    wrong = await lens.get("/services?lookback=soon")
    assert wrong.status_code == 400
    assert "“soon” is not a span of time." in wrong.text
    assert "It has no span in this time" in (await lens.get("/services?service=nobody")).text


async def test_without_spans_the_page_says_where_to_send_them(lens: httpx.AsyncClient) -> None:
    assert "Send spans to" in (await lens.get("/services")).text


async def test_nothing_a_span_says_becomes_markup_here(
    store: TraceStore, lens: httpx.AsyncClient
) -> None:
    evil = '"><script>alert(1)</script>'
    await kept(store, *some(2, service=evil, name=evil, kind="server"))
    page = (await lens.get("/services", params={"service": evil})).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize(
    ("count", "share", "rank"),
    [(1, 0.99, 1), (2, 0.5, 1), (100, 0.95, 95), (100, 0.99, 99), (20, 0.95, 19), (21, 0.95, 20)],
)
def test_a_percentile_is_a_value_that_occurred(count: int, share: float, rank: int) -> None:
    assert ranked(range(1, count + 1), share) == rank


def test_bars_share_out_all_calls_over_the_time() -> None:
    found = red([(at * SECOND, 5, at == 29) for at in range(60)], 0, 60 * SECOND)
    assert len(found.bars) == BARS
    assert {bar.calls for bar in found.bars} == {2}
    assert [at for at, bar in enumerate(found.bars) if bar.errors] == [14]
    outside = red([(-5, 1, 0), (99 * SECOND, 1, 0)], 0, 60 * SECOND)
    assert (outside.bars[0].calls, outside.bars[-1].calls) == (1, 1)


def test_a_service_is_measured_by_what_it_receives_if_it_receives_anything() -> None:
    one: list[Sample] = [(0, 1, 0)]
    found = of_services(
        {
            Work("a", "x", "client"): one * 9,
            Work("a", "y", "server"): one * 2,
            Work("a", "z", "consumer"): one,
            Work("b", "x", "client"): one,
            Work("b", "y", "internal"): one * 4,
        },
        0,
        1,
    )
    assert {name: (numbers.calls, kinds) for name, (numbers, kinds) in found.items()} == {
        "a": (3, ["server", "consumer"]),
        "b": (4, ["internal"]),
    }


def test_a_window_counts_what_began_in_it_and_knows_durations_within_three_percent() -> None:
    samples = [(at * SECOND, at * MS, int(at % 10 == 0)) for at in range(1, 101)]
    (first, some_, none) = [
        (window.calls, window.error_share, window.quantile(0.5))
        for _, window in windows(samples, [100 * SECOND, 105 * SECOND, 500 * SECOND], 10 * SECOND)
    ]
    assert first[:2] == (1.0, 0.1)
    assert first[2] == pytest.approx(95, rel=0.03)
    assert some_[:2] == (0.5, 0.2)
    assert some_[2] == pytest.approx(98, rel=0.03)
    assert none == (0, None, None)


BASE = {"service": "orders", "endTs": str(NOW // MS), "lookback": "60000", "step": "60000"}


@pytest.mark.parametrize(
    ("name", "more", "family", "value"),
    [
        ("calls", {"ratePer": "60000"}, "service_call_rate", 20 / 60),
        ("errors", {}, "service_error_rate", 0.25),
        ("latencies", {"quantile": "0.5"}, "service_latencies", 10),
        ("latencies", {"quantile": "0.95"}, "service_latencies", 200),
        ("calls", {"spanKind": "client", "ratePer": "1000000"}, "service_call_rate", 0.003),
    ],
)
async def test_jaegers_metrics_are_answered_from_the_same_spans(
    store: TraceStore,
    lens: httpx.AsyncClient,
    name: str,
    more: dict[str, str],
    family: str,
    value: float,
) -> None:
    await kept(
        store,
        *some(15, kind="server"),
        *some(5, kind="server", ms=200, status=Status.ERROR),
        *some(3, kind="client"),
        *some(9, service="cart", kind="server"),
    )
    answer = (await lens.get(f"/api/metrics/{name}", params=BASE | more)).json()
    assert (answer["name"], answer["type"]) == (family, "GAUGE")
    (series,) = answer["metrics"]
    assert series["labels"] == [{"name": "service_name", "value": "orders"}]
    last = series["metricPoints"][-1]
    assert last["gaugeValue"]["doubleValue"] == pytest.approx(value, rel=0.03)
    assert last["timestamp"].endswith("Z")


async def test_jaegers_metrics_are_grouped_by_operation_if_that_is_wanted(
    store: TraceStore, lens: httpx.AsyncClient
) -> None:
    await kept(store, *some(2, kind="server", name="a"), *some(3, kind="server", name="b"))
    answer = await lens.get("/api/metrics/calls", params=BASE | {"groupByOperation": "true"})
    assert answer.json()["name"] == "service_operation_call_rate"
    assert [one["labels"] for one in answer.json()["metrics"]] == [
        [{"name": "operation", "value": name}, {"name": "service_name", "value": "orders"}]
        for name in ("a", "b")
    ]


@pytest.mark.parametrize(
    ("name", "query", "status", "sentence"),
    [
        ("calls", {}, 400, "parameter 'service' is required"),
        ("latencies", {"service": "a"}, 400, "parameter 'quantile' is required"),
        ("latencies", {"service": "a", "quantile": "2"}, 400, "2 is not a share from 0 to 1"),
        ("calls", {"service": "a", "spanKind": "king"}, 400, "king is not a kind of spans"),
        ("calls", {"service": "a", "step": "0"}, 400, "0 is not a number of milliseconds"),
        ("calls", {"service": "a", "lookback": "x"}, 400, "x is not a whole number"),
        ("calls", {"service": "a", "step": "1"}, 400, "3600001 points are more than 2000"),
        ("minstep", {"service": "a"}, 404, "there are latencies, calls, errors"),
    ],
)
async def test_what_cannot_be_measured_is_refused_with_a_sentence(
    lens: httpx.AsyncClient, name: str, query: dict[str, str], status: int, sentence: str
) -> None:
    answer = await lens.get(f"/api/metrics/{name}", params=query)
    assert answer.status_code == status
    assert sentence in answer.json()["errors"][0]["msg"]
