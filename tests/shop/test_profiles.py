"""The shop as it speaks several header formats: what went over the wire, and which traces came."""

import re
from collections import Counter

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan

from scripts.tables import ROOT
from tests.conftest import CALM, OpenShop
from tests.inprocess import Shop
from tests.shop.acme import KETTLE, client_of, item, log_in, order
from tests.shop.mortal import until
from tests.shop.test_click import DEMO, at_the_checkout
from traces.findings import findings
from traces.model import Kind
from traces.propagation import hop_at
from traces.testing import InMemory

CHECKOUTS = 100
HEADERS = {
    "traceparent": "tracecontext",
    "b3": "b3",
    "x-b3-traceid": "b3multi",
    "uber-trace-id": "jaeger",
}


class Wire(httpx.AsyncBaseTransport):
    """Counts the formats of the requests to one service."""

    def __init__(self, line: httpx.AsyncBaseTransport) -> None:
        self.formats: Counter[str] = Counter()
        self._line = line

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.formats.update(HEADERS[name] for name in HEADERS if name in request.headers)
        return await self._line.handle_async_request(request)


def tapped(shop: Shop) -> Counter[str]:
    """The formats of all requests between services from now on."""
    formats: Counter[str] = Counter()
    for port, line in shop.board.lines.items():
        wire = Wire(line)
        wire.formats = formats
        shop.board.lines[port] = wire
    return formats


def traces(shop: Shop) -> list[list[ReadableSpan]]:
    """All spans so far, trace by trace."""
    found: dict[int, list[ReadableSpan]] = {}
    for span in shop.spans.get_finished_spans():
        assert span.context is not None
        found.setdefault(span.context.trace_id, []).append(span)
    return list(found.values())


@pytest.mark.slow
async def test_in_the_mixed_profile_every_checkout_is_one_whole_trace(shop_with: OpenShop) -> None:
    shop = await shop_with(**CALM, ACME_PROFILE="mixed")
    formats = tapped(shop)
    visitor = await at_the_checkout(shop)
    async with client_of(shop) as client:
        eric = await log_in(client, "eric")
        goods = [item((await client.get(f"/products/{KETTLE}")).json()["data"])]
        shop.spans.clear()

        await visitor.submit("/checkout", **DEMO)
        assert visitor.page.status == 303
        for _ in range(CHECKOUTS - 1):
            placed = await client.post(f"/order/add/{eric['token']}", json=order(goods, "165"))
            assert placed.status_code == 201, placed.text

    assert set(formats) == set(HEADERS.values())
    checkouts = [trace for trace in traces(shop) if "gateway" in services(trace)]
    assert len(checkouts) == CHECKOUTS
    for trace in checkouts:
        ids = {span.context.span_id for span in trace if span.context}
        assert [span.parent for span in trace if span.parent is None] == [None], "one root"
        assert all(span.parent is None or span.parent.span_id in ids for span in trace)
        assert services(trace) >= {"gateway", "auth", "orders", "cart", "catalog", "payment"}


def services(trace: list[ReadableSpan]) -> set[object]:
    return {span.resource.attributes["service.name"] for span in trace}


async def test_in_the_broken_profile_a_trace_ends_at_one_hop_and_another_begins_there(
    shop_with: OpenShop,
) -> None:
    shop = await shop_with(**CALM, ACME_PROFILE="broken")

    with shop.tracing() as t:
        assert (await shop.get("/orders/12345")).status_code == 200

    (lost,) = {
        span.context.trace_id
        for span in shop.spans.get_finished_spans()
        if span.context and span.name == "GET /order/{order_id}" and span.parent is None
    }
    rest = InMemory(shop.spans).trace(f"{lost:032x}")
    rest.expect_whole()
    assert t.edges() == {("gateway", "auth")}
    assert rest.edges() == {("orders", "shipping")}
    assert findings(t.trace)[0].sentence == (
        "gateway sent its context to orders as jaeger, but orders reads only tracecontext: what "
        f"orders did is in another trace, {f'{lost:032x}'[:8]}…"
    )
    assert findings(rest.trace)[0].sentence == (
        "orders got a context as jaeger, but reads only tracecontext: this trace begins here, and "
        "the one of its caller ends."
    )


async def test_each_hop_of_the_mixed_profile_says_what_was_sent_and_as_what_it_was_read(
    shop_with: OpenShop,
) -> None:
    shop = await shop_with(**CALM, ACME_PROFILE="mixed")
    visitor = await at_the_checkout(shop)
    shop.spans.clear()

    await visitor.submit("/checkout", **DEMO)
    await until(lambda: "process order.placed" in names(shop))

    trace = InMemory(shop.spans).trace(visitor.trace_id).trace
    hops = {hop_at(trace, span) for span in trace.spans if span.kind is Kind.SERVER} - {None}
    read = {(hop.caller, hop.callee): hop.read_as for hop in hops if hop}
    assert read == {
        ("", "frontend"): "",
        ("frontend", "gateway"): "tracecontext",
        ("gateway", "auth"): "jaeger",
        ("gateway", "orders"): "jaeger",
        ("orders", "catalog"): "b3multi",
        ("orders", "payment"): "b3multi",
        ("orders", "cart"): "b3multi",
    }
    assert all(hop.sent == hop.found for hop in hops if hop and hop.caller)
    (message,) = (s for s in shop.spans.get_finished_spans() if s.name == "process order.placed")
    assert message.attributes is not None
    assert message.attributes["acmeshop.propagation.read_as"] == "b3multi"
    assert findings(trace)[0].kind != "unread_context"


@pytest.mark.parametrize(
    ("name", "value"),
    re.findall(r"curl -H '([\w-]+): ([^']+)'", (ROOT / "docs/propagation.md").read_text()),
)
async def test_a_callers_trace_goes_on_as_the_guide_says(shop: Shop, name: str, value: str) -> None:
    answer = await shop.get("/orders/12345", headers={name: value})

    assert answer.headers["traceresponse"].split("-")[1] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert len(traces(shop)) == 1


async def test_the_standard_profile_records_no_headers(shop: Shop) -> None:
    await shop.get("/orders/12345")

    for span in shop.spans.get_finished_spans():
        assert not [key for key in span.attributes or {} if "propagation" in key]


def names(shop: Shop) -> set[str]:
    return {span.name for span in shop.spans.get_finished_spans()}
