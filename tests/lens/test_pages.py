"""What the explorer's pages say, without a browser and so without JavaScript."""

import re
from html import unescape
from typing import Any

import httpx
import pytest

from lens.store import TraceStore
from tests.lens.paged import EVIL, Keep, plain
from tests.lens.pages_traces import CLIENT, SERVER, Recorder, articles, large, order_status
from traces.model import Event, Link, Status

TOGETHER = "service=auth trace.errors>0 x=1"


def opened(page: str) -> str:
    """The id of the span whose details are open."""
    rows, details, _ = page.partition('class="details"')
    assert details
    return str(re.findall(r'id="s-([0-9a-f]+)"', rows)[-1])


async def test_an_empty_store_says_what_to_do(pages: httpx.AsyncClient) -> None:
    page = await pages.get("/")
    assert page.status_code == 200
    assert "No traces yet" in page.text
    assert 'href="http://127.0.0.1:5000/orders/12345"' in page.text


async def test_the_list_has_a_row_per_trace_and_a_mark_in_the_plot(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    await keep(order_status(1), order_status(2, auth_fails=True), articles(3))
    page = (await pages.get("/")).text
    assert page.count("<tr id=") == 3
    assert page.count('class="mark') == 3 + 2  # the key below the plot shows one of each
    assert page.count('class="mark failed"') == 1 + 1
    assert "gateway GET /orders/{id}" in plain(page)
    assert "articles GET /articles/v1/" in plain(page)


async def test_a_search_keeps_what_was_typed_and_narrows_the_list(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    await keep(order_status(1), order_status(2, auth_fails=True), articles(3))
    params = {"service": "auth", "errors": "1", "tags": 'http.route="/auth"', "limit": "7"}
    page = (await pages.get("/search", params=params)).text
    assert page.count("<tr id=") == 1
    assert '<option value="auth" selected>auth</option>' in page
    assert 'value="service=auth trace.errors&gt;0 http.route=&#34;/auth&#34;"' in page
    assert 'value="7"' in page
    assert 'value="1" checked' in page


@pytest.mark.parametrize(
    ("sent", "query"),
    [
        ({"q": "", "service": "auth"}, "service=auth"),
        ({"q": "x=1", "was": "x=1", "service": "auth", "errors": "1"}, TOGETHER),
        (
            {"q": "service=cart x=1", "was": "service=cart x=1", "service": "auth"},
            "service=auth x=1",
        ),
        (
            {"q": "service=cart x=1", "was": "service=auth x=1", "service": "auth"},
            "service=cart x=1",
        ),
        ({"q": "service=cart x=1", "was": "service=cart x=1", "service": ""}, "x=1"),
        (
            {"q": "", "was": "", "operation": "GET /a", "minDuration": "1s"},
            'name="GET /a" duration>=1s',
        ),
        ({"q": "{a} > {b}", "was": "{a} > {b}", "maxDuration": "2s"}, "duration<=2s {a} > {b}"),
        ({"q": "trace.errors>5", "was": "trace.errors>5", "errors": ""}, "trace.errors>5"),
    ],
)
async def test_the_query_and_the_fields_beside_it_say_the_same(
    pages: httpx.AsyncClient, sent: dict[str, str], query: str
) -> None:
    answer = await pages.get("/search", params=sent)
    if "was" in sent:
        assert answer.status_code == 303
        address = httpx.URL(answer.headers["location"])
        assert not address.params.keys() & {"was", "service", "operation", "errors", "minDuration"}
        answer = await pages.get(str(address))
    fields = dict(re.findall(r'<input id="(\w+)"[^>]* value="([^"]*)"', answer.text))
    assert unescape(fields["q"]) == query
    service = re.search(r"service=(\w+)", query)
    assert re.findall(r'value="(\w+)">\1</option>', answer.text) == (
        [service[1]] if service else []
    )
    assert ("checked" in answer.text) is ("trace.errors>0" in query)
    assert fields["minDuration"] == ("1s" if "duration>=1s" in query else "")


async def test_tags_may_be_json_as_in_addresses_of_jaeger(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    await keep(order_status(1), order_status(2))
    page = await pages.get("/search", params={"tags": '{"acmeshop.order.id":"12346"}'})
    assert page.text.count("<tr id=") == 1


async def test_a_search_that_finds_nothing_says_what_was_wanted_and_leads_to_all_traces(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    await keep(order_status(1), order_status(2, 1_700_000_000 * 10**9))
    none = (await pages.get("/search", params={"tags": "http.status_code>=599 db.system"})).text
    wanted = (
        "a trace with one span of which http.status_code is at least 599, and db.system is there"
    )
    assert f"No trace matches Wanted: {wanted}." in plain(none)
    assert 'href="/search?lookback=any&amp;limit=1500"' in none
    every = (await pages.get("/search?lookback=any&limit=1500")).text
    assert every.count("<tr id=") == 2
    recent = (await pages.get("/search?lookback=24h")).text
    assert recent.count("<tr id=") == 1


async def test_a_store_that_has_only_older_traces_does_not_say_that_it_has_none(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    await keep(order_status(1, 1_700_000_000 * 10**9))
    page = plain((await pages.get("/")).text)
    assert "No trace in this time 1 trace is kept, but none is that new. Show all traces" in page
    assert "gateway auth" in plain((await pages.get("/dependencies?lookback=any")).text)


async def test_suggestions_are_lists_of_keys_or_of_values(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    await keep(order_status(1))
    keys = await pages.get("/search/suggestions", params={"text": "order.id"})
    assert keys.json() == ["acmeshop.order.id"]
    values = await pages.get("/search/suggestions", params={"key": "acmeshop.order.id"})
    assert values.json() == ["12346"]
    none = await pages.get("/search/suggestions", params={"service": "auth", "text": "order.id"})
    assert none.json() == []


async def test_start_and_end_are_microseconds_as_in_jaeger(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    second = 10**9
    await keep(order_status(1, 1_700_000_000 * second), order_status(2, 1_700_000_100 * second))
    around = {"start": "1700000090000000", "end": "1700000110000000"}
    page = (await pages.get("/search", params=around)).text
    assert page.count("<tr id=") == 1
    assert order_status(2).trace_id in page
    assert "data-live" not in page


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"minDuration": "abc"}, "“abc” is not a duration"),
        ({"minDuration": "2s", "maxDuration": "1s"}, "1s is shorter than the minimum"),
        ({"tags": '{"a":'}, "This is not JSON"),
        ({"tags": 'a="b'}, "is not key=value"),
        ({"tags": ">=500"}, "“&gt;=500” has no key"),
        ({"lookback": "custom", "last": "soon"}, "“soon” is not a span of time"),
        ({"limit": "0"}, "“0” is not a whole number from 1 to 1500"),
        ({"limit": "9" * 5000}, "is not a whole number"),
        ({"lookback": "soon"}, "“soon” is not a span of time"),
        ({"lookback": "custom", "start": "tomorrow"}, "“tomorrow” is not a time"),
        ({"start": "2026-01-02T00:00", "end": "2026-01-01T00:00"}, "ends before it starts"),
    ],
)
async def test_a_wrong_field_has_a_sentence_beside_it(
    pages: httpx.AsyncClient, params: dict[str, str], message: str
) -> None:
    page = await pages.get("/search", params=params)
    assert page.status_code == 400
    assert message in page.text
    assert 'aria-invalid="true"' in page.text
    assert "Not searched yet" in page.text


@pytest.mark.parametrize(
    "text",
    [
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "4bf92f3577b34da6a3ce929d0e0e4736:00f067aa0ba902b7:0:1",
        "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
        "http://127.0.0.1:16686/trace/4bf92f3577b34da6a3ce929d0e0e4736?span=00f067aa0ba902b7",
        '{"trace_id": "4BF92F3577B34DA6A3CE929D0E0E4736"}',
    ],
)
async def test_a_trace_id_may_be_pasted_in_any_form(pages: httpx.AsyncClient, text: str) -> None:
    answer = await pages.get("/trace", params={"id": text})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/trace/4bf92f3577b34da6a3ce929d0e0e4736")


@pytest.mark.parametrize("text", ["", "zz", "0" * 32, "hello world", EVIL])
async def test_what_is_no_trace_id_gets_a_sentence(pages: httpx.AsyncClient, text: str) -> None:
    answer = await pages.get("/trace", params={"id": text})
    assert answer.status_code == 400
    assert "This is not a trace id" in answer.text
    assert "<img" not in answer.text.replace('<img src="/static', "")


async def test_an_unknown_trace_says_why_it_may_be_missing_and_looks_again(
    pages: httpx.AsyncClient,
) -> None:
    first = await pages.get(f"/trace/{7:032x}")
    assert first.status_code == 404
    assert all(why in first.text for why in ("not arrived yet", "not sampled", "forgotten"))
    assert f'content="2;url=/trace/{7:032x}?try=1"' in first.text
    last = await pages.get(f"/trace/{7:032x}", params={"try": "6"})
    assert last.status_code == 404
    assert "http-equiv" not in last.text
    odd = await pages.get(f"/trace/{7:032x}", params={"try": "²"})
    assert odd.status_code == 404


async def test_a_malformed_id_is_a_bad_request(pages: httpx.AsyncClient) -> None:
    assert (await pages.get("/trace/zz")).status_code == 400


async def test_a_failed_trace_opens_where_the_error_began(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    trace = order_status(1, auth_fails=True)
    await keep(trace)
    page = (await pages.get(f"/trace/{trace.trace_id}")).text
    words = plain(page)
    assert "GET /orders/{id} failed because auth answered 500 after" in words
    assert "auth: GET /auth answered 500 after" in words
    assert page.count('class="details"') == 1
    assert opened(page) == trace.spans[2].span_id
    assert "in check_token" in page
    assert "auth cannot tell who is asking" in page


async def test_a_degraded_answer_is_called_so(pages: httpx.AsyncClient, keep: Keep) -> None:
    trace = order_status(1, carrier_fails=True)
    await keep(trace)
    page = (await pages.get(f"/trace/{trace.trace_id}")).text
    words = plain(page)
    assert "GET /orders/{id} went through, but shipping's carrier answered 503 after" in words
    assert 'class="verdict degraded"' in page


async def test_a_good_trace_says_that_nothing_failed_and_opens_nothing(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    trace = order_status(1)
    await keep(trace)
    page = (await pages.get(f"/trace/{trace.trace_id}")).text
    assert "GET /orders/{id} went well: 9 spans in 4 services" in page
    assert 'class="details"' not in page
    assert page.count('class="row ') == len(trace.spans)
    assert 'class="crit"' in page


async def test_a_span_is_opened_by_address(pages: httpx.AsyncClient, keep: Keep) -> None:
    trace = order_status(2)
    await keep(trace)
    shipping = next(span for span in trace.spans if span.links)
    page = (await pages.get(f"/trace/{trace.trace_id}?span={shipping.span_id}")).text
    assert opened(page) == shipping.span_id
    assert "shipment.found" in page
    assert f'href="/trace/{shipping.links[0].trace_id}?span=' in page
    fragment = await pages.get(f"/trace/{trace.trace_id}/span/{shipping.span_id}")
    assert fragment.status_code == 200
    assert "shipment.found" in fragment.text
    assert "<html" not in fragment.text
    assert (await pages.get(f"/trace/{trace.trace_id}/span/nothing")).status_code == 404


async def test_find_marks_spans_by_name_attribute_and_log_line(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    trace = order_status(1, carrier_fails=True)
    await keep(trace)
    address = f"/trace/{trace.trace_id}"
    page = (await pages.get(address, params={"uiFind": "sqlite"})).text
    assert len(re.findall(r'class="row [^"]* hit', page)) == 1
    by_log = await pages.get(f"{address}/find", params={"uiFind": "status is unknown"})
    assert len(by_log.json()) == 1
    assert (await pages.get(f"{address}/find")).json() == []


async def test_table_and_logs_are_pages_of_their_own(pages: httpx.AsyncClient, keep: Keep) -> None:
    trace = articles(1)
    await keep(trace, order_status(2, auth_fails=True))
    table = plain((await pages.get(f"/trace/{trace.trace_id}?view=table")).text)
    assert "suggestions GET /suggestions/v1/{id} 8" in table
    logs = plain((await pages.get(f"/trace/{order_status(2).trace_id}?view=logs")).text)
    assert "ERROR auth auth cannot tell who is asking GET /auth" in logs


async def test_a_trace_that_is_still_arriving_says_what_it_waits_for(
    pages: httpx.AsyncClient, keep: Keep, store: TraceStore
) -> None:
    trace = order_status(1)
    assert store.offer(trace.spans[2:])
    await store.flushed()
    page = (await pages.get(f"/trace/{trace.trace_id}")).text
    assert "that has not arrived yet: " in page
    assert "2 spans have a parent" in page
    assert '<noscript><meta http-equiv="refresh"' in page


async def test_the_map_shows_calls_errors_and_who_is_outside(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    await keep(
        order_status(1), order_status(2, carrier_fails=True), order_status(3, auth_fails=True)
    )
    for address in ("/dependencies", "/map"):
        page = (await pages.get(address)).text
        assert "gateway auth 3 ✖ 1 (33 %)" in plain(page)
        assert "shipping carrier outside 2 ✖ 1 (50 %)" in plain(page)
        assert 'aria-label="sqlite, outside: it sends no spans"' in page
        assert "/search?service=auth&amp;lookback=1h&amp;errors=1" in page
    wrong = await pages.get("/dependencies", params={"lookback": EVIL})
    assert wrong.status_code == 400
    assert "is not a span of time" in wrong.text


async def test_every_page_has_the_numbers_of_the_store(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    await keep(order_status(1))
    assert "1 trace · 9 spans" in plain((await pages.get("/about")).text)


async def test_nothing_a_span_says_becomes_markup(pages: httpx.AsyncClient, keep: Keep) -> None:
    trace = Recorder(1)
    exception = {"exception.type": EVIL, "exception.message": EVIL, "exception.stacktrace": EVIL}
    span = trace.span(
        EVIL,
        EVIL,
        SERVER,
        0,
        5,
        None,
        {EVIL: EVIL, "http.response.status_code": EVIL, "deep": [EVIL, {EVIL: EVIL}]},
        status=Status.ERROR,
        status_message=EVIL,
        events=(
            Event(trace.start_ns, EVIL, {EVIL: EVIL}),
            Event(trace.start_ns, "exception", exception),
        ),
        links=(Link(EVIL, EVIL, {EVIL: EVIL}),),
        trace_state=EVIL,
    )
    trace.log(span, 1, EVIL, EVIL)
    other = trace.span("auth", EVIL, SERVER, 1, 2, span)
    await keep(trace)
    here = f"/trace/{trace.trace_id}"
    addresses = [
        "/",
        here,
        f"{here}?span={other.span_id}",
        f"{here}?view=table",
        f"{here}?view=table&by=deep",
        f"{here}?view=flame",
        f"{here}?view=graph",
        f"{here}?view=logs",
        "/errors",
        f"{here}/span/{span.span_id}",
        "/dependencies",
    ]
    for address in addresses:
        page = await pages.get(address, params=None)
        assert page.status_code == 200, address
        assert "<script>" not in page.text, address
        assert "onerror=alert(1)>" not in page.text, address
        assert not re.search(r"<img src=x", page.text), address
    for key in (
        "service",
        "operation",
        "tags",
        "minDuration",
        "limit",
        "lookback",
        "start",
        "sort",
    ):
        page = await pages.get("/search", params={key: EVIL})
        assert "<script>" not in page.text
        assert "<img src=x" not in page.text
    assert "<img src=x" not in (await pages.get(here, params={"uiFind": EVIL})).text


async def test_pages_forbid_foreign_code_and_foreign_frames(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    await keep(order_status(1, auth_fails=True))
    trace = order_status(1).trace_id
    for address in (
        "/",
        f"/trace/{trace}",
        f"/trace/{7:032x}",
        "/trace/zz",
        "/dependencies",
        "/about",
    ):
        page = await pages.get(address)
        policy = page.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "style-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'self' http://127.0.0.1:*" in policy
        assert page.headers["x-content-type-options"] == "nosniff"
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style", page.text)
        assert not re.search(r'(?:src|href)="(?!/|#|http://127\.0\.0\.1:5000)', page.text)


async def test_no_two_elements_of_a_page_have_the_same_id(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    trace = order_status(1, auth_fails=True)
    await keep(trace)
    for address in ("/", f"/trace/{trace.trace_id}", "/dependencies", "/about"):
        ids = re.findall(r'\sid="([^"]+)"', (await pages.get(address)).text)
        assert sorted(set(ids)) == sorted(ids), address


async def test_assets_may_be_kept_for_ever_under_their_hash_only(pages: httpx.AsyncClient) -> None:
    home = (await pages.get("/")).text
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', home)
    assert len(addresses) >= 4
    for address in addresses:
        asset = await pages.get(address)
        assert asset.status_code == 200
        assert "immutable" in asset.headers["cache-control"]
    old = await pages.get("/static/000000000000/lens.css")
    assert old.headers["cache-control"] == "no-cache"
    assert (await pages.get("/static/0/..%2f..%2fapp.py")).status_code == 404


async def test_the_first_view_is_below_a_hundred_kilobytes(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    await keep(*(order_status(number) for number in range(1, 16)))
    home = await pages.get("/")
    names = set(re.findall(r'"(/static/[^"]+)"', home.text))
    build = next(iter(names)).rsplit("/", 1)[0]
    names |= {f"{build}/stream.js"}
    assets = [await pages.get(name) for name in names]
    assert len(home.content) + sum(len(asset.content) for asset in assets) < 100_000


async def test_a_span_that_says_how_its_context_travelled_has_a_panel_for_it(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    trace, other = Recorder(1), "4bf92f3577b34da6a3ce929d0e0e4736"
    known = {
        "service.peer.name": "orders",
        "acmeshop.propagation.sent": ["jaeger"],
        "acmeshop.propagation.sent_headers": ["uber-trace-id", EVIL],
        "acmeshop.propagation.peer_reads": ["tracecontext"],
        "acmeshop.propagation.peer_trace": other,
    }
    call = trace.span("gateway", "GET /order", CLIENT, 0, 5, None, known)
    plain_call = trace.span("gateway", "GET /auth", CLIENT, 6, 1, call, {})
    await keep(trace)

    page = (await pages.get(f"/trace/{trace.trace_id}/span/{call.span_id}")).text
    assert "Propagation Went out as jaeger: uber-trace-id" in plain(page)
    assert "Not read: orders reads tracecontext. Its work is in another trace" in plain(page)
    assert f'href="/trace/{other}"' in page
    assert "<script>" not in page
    without = (await pages.get(f"/trace/{trace.trace_id}/span/{plain_call.span_id}")).text
    assert "Propagation" not in without
    whole = (await pages.get(f"/trace/{trace.trace_id}")).text
    assert "gateway sent its context to orders as jaeger" in plain(whole)


async def test_a_long_trace_has_its_first_rows_and_those_around_the_opened_span(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    trace = large(1, 5_000)
    await keep(trace)
    here = f"/trace/{trace.trace_id}"
    page = await pages.get(here)
    assert len(page.content) < 300_000
    assert "GET /step/{n} answered 500 after 900 µs (no stock)" in plain(page.text)
    named = await pages.get(here, params={"span": trace.spans[2_345].span_id})
    rows = [int(number) for number in re.findall(r'data-row="(\d+)"', named.text)]
    assert rows == [*range(300), *range(2_200, 2_500)]
    assert opened(named.text) == trace.spans[2_345].span_id
    assert "2,500 rows are left out here. Show all 5,000 rows" in plain(named.text)


async def test_rows_that_were_left_out_are_had_by_number(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    trace = large(1, 1000)
    await keep(trace)
    here = f"/trace/{trace.trace_id}"
    piece = await pages.get(f"{here}/rows", params={"first": 950, "count": 100, "of": 1000})
    rows = [int(number) for number in re.findall(r'data-row="(\d+)"', piece.text)]
    assert rows == list(range(950, 1000))
    grown = await pages.get(f"{here}/rows", params={"first": 950, "count": 100, "of": 999})
    assert grown.status_code == 409
    whole = await pages.get(here, params={"show": "all"})
    assert whole.text.count('class="row ') == 1000
    assert "left out" not in whole.text


async def test_a_long_trace_is_laid_out_anew_when_it_has_grown(
    pages: httpx.AsyncClient, keep: Keep, store: TraceStore
) -> None:
    trace = large(1, 500)
    late = trace.spans.pop()
    await keep(trace)
    here = f"/trace/{trace.trace_id}"
    assert 'aria-rowcount="500"' in (await pages.get(here)).text
    assert store.offer([late])
    await store.flushed()
    assert 'aria-rowcount="501"' in (await pages.get(here)).text
    trace.log(late, 0.1, "WARN", "came last")
    assert store.offer_logs(trace.logs)
    await store.flushed()
    assert "came last" in (await pages.get(here, params={"span": late.span_id})).text


LONG = "x" * 3_000


@pytest.mark.parametrize(
    ("what", "cut", "whole"),
    [
        (
            {"attributes": {"body": "y" * 100_000}},
            "the beginning of 100,000 characters",
            "y" * 100_000,
        ),
        (
            {"attributes": {f"key{n:03d}": n for n in range(300)}},
            "200 attributes left out",
            "key299",
        ),
        (
            {"events": tuple(Event(0, f"step {n:03d}") for n in range(500))},
            "450 events left out",
            "step 499",
        ),
        ({"events": (Event(0, "read", {"row": LONG}),)}, "the beginning of 3,000 characters", LONG),
        ({"status_message": LONG, "status": Status.ERROR}, "Long texts are shortened", LONG),
        ({"attributes": {LONG: "1"}}, "Long texts are shortened", LONG),
        ({"attributes": {"list": [LONG, LONG]}}, "the beginning of 6,008 characters", LONG),
        (
            {"events": (Event(0, "exception", {"exception.stacktrace": "z" * 50_000}),)},
            "Long texts are shortened",
            "z" * 50_000,
        ),
    ],
)
async def test_what_is_long_is_shortened_and_can_be_seen_whole(
    pages: httpx.AsyncClient, keep: Keep, what: dict[str, Any], cut: str, whole: str
) -> None:
    trace = Recorder(1)
    span = trace.span("shop", LONG, SERVER, 0, 5, **what)
    await keep(trace)
    here = f"/trace/{trace.trace_id}"
    page = (await pages.get(here, params={"span": span.span_id})).text
    assert cut in plain(page)
    assert whole not in page
    assert LONG not in page
    assert f'href="{here}?span={span.span_id}&amp;show=all' in page
    for address in (f"{here}/span/{span.span_id}?show=all", f"{here}?span={span.span_id}&show=all"):
        unabridged = (await pages.get(address)).text
        assert whole in unabridged
        assert LONG in unabridged
        assert "shortened" not in unabridged


@pytest.mark.parametrize(
    "address",
    [
        *("/", "/dependencies", "/errors", "{here}", "{here}?view=table", "{here}?view=logs"),
        *("{here}?view=flame", "{here}?view=graph"),
    ],
)
async def test_long_names_stay_short_on_every_page(
    pages: httpx.AsyncClient, keep: Keep, address: str
) -> None:
    trace = Recorder(1)
    root = trace.span(LONG, LONG, SERVER, 0, 5, status=Status.ERROR, status_message=LONG)
    call = trace.span(LONG, LONG, CLIENT, 1, 3, root, {"service.peer.name": LONG})
    trace.span("y" + LONG, LONG, SERVER, 1, 3, call)
    trace.log(root, 1, LONG, LONG)
    await keep(trace)
    page = await pages.get(address.format(here=f"/trace/{trace.trace_id}"))
    shown = plain(page.text)
    assert "xxx" in shown
    assert "x" * 1_100 not in shown


async def test_a_verdict_on_a_long_name_still_says_what_happened(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    trace = Recorder(1)
    root = trace.span("shop", LONG, SERVER, 0, 5, status=Status.ERROR)
    trace.span("shop", LONG, CLIENT, 1, 3, root, {"db.system.name": "redis"}, status=Status.ERROR)
    await keep(trace)
    page = plain((await pages.get(f"/trace/{trace.trace_id}")).text)
    assert "xx… failed because shop's redis failed after 3 ms" in page


async def test_a_long_log_and_a_long_table_can_be_seen_whole(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    trace = Recorder(1)
    for number in range(600):
        span = trace.span("shop", f"work {number:03d}", SERVER, number, 1)
        trace.log(span, 0, "INFO", f"line {number:03d}")
    await keep(trace)
    here = f"/trace/{trace.trace_id}"
    for view, more in (("logs", "Show 100 more lines"), ("table", "Show 100 more lines")):
        part = (await pages.get(f"{here}?view={view}")).text
        assert part.count("<tr") == 1 + 500
        assert more in plain(part)
        assert (await pages.get(f"{here}?view={view}&show=all")).text.count("<tr") == 1 + 600
