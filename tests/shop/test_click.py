"""A person's click, from the storefront to the bank, and what follows it."""

import httpx
from opentelemetry.sdk.trace import ReadableSpan

from acme.traffic.page import Page
from services.frontend.domain.forms import CHECKOUT, demo_of
from tests.conftest import CALM, OpenShop
from tests.inprocess import Shop
from tests.shop.mortal import until
from traces.testing import InMemory

DEMO = demo_of(CHECKOUT)


class Visitor:
    """Fills in the forms of the storefront's pages."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.page = Page("/", 0)
        self.answer = httpx.Response(0)

    async def open(self, address: str) -> Page:
        return await self._send("GET", address)

    async def submit(self, pattern: str, **values: str) -> Page:
        click = self.page.form(pattern).filled(values)
        return await self._send("POST", click.address, dict(click.fields))

    async def _send(self, method: str, address: str, data: dict[str, str] | None = None) -> Page:
        url = self._shop.url("frontend", address)
        self.answer = await self._shop.request(method, url, data=data)
        location = self.answer.headers.get("location", "")
        text = self.answer.text
        self.page = Page.read(str(self.answer.url), self.answer.status_code, text, location)
        return self.page

    @property
    def trace_id(self) -> str:
        return self.answer.headers["traceresponse"].split("-")[1]


async def at_the_checkout(shop: Shop) -> Visitor:
    visitor = Visitor(shop)
    await visitor.open("/login")
    await visitor.submit("/login/demo", username="eric")
    await visitor.open("/products/storm-lantern")
    await visitor.submit("/cart/items", quantity="2")
    await visitor.open("/checkout")
    return visitor


def spans_named(shop: Shop, name: str) -> list[ReadableSpan]:
    return [span for span in shop.spans.get_finished_spans() if span.name == name]


async def test_one_checkout_is_one_whole_trace_and_the_shipment_is_linked_to_it(
    shop: Shop,
) -> None:
    visitor = await at_the_checkout(shop)
    shop.spans.clear()

    page = await visitor.submit("/checkout", **DEMO)

    assert (page.status, page.leads_to.rpartition("/")[0]) == (303, "/orders")
    trace = InMemory(shop.spans).trace(visitor.trace_id)
    trace.expect_whole()
    trace.expect(count=0, error=True)
    assert [(span.service, span.name) for span in trace.roots()] == [("frontend", "POST /checkout")]
    assert trace.edges() == {
        ("frontend", "gateway"),
        ("gateway", "auth"),
        ("gateway", "orders"),
        ("orders", "cart"),
        ("orders", "catalog"),
        ("orders", "payment"),
    }
    trace.expect(count=1, service="payment", kind="CLIENT", service__peer__name="bank")
    for service, system in (
        ("auth", "redis"),
        ("cart", "redis"),
        ("catalog", "sqlite"),
        ("orders", "sqlite"),
        ("payment", "sqlite"),
    ):
        trace.expect(service=service, kind="CLIENT", db__system__name=system)

    [sent] = trace.expect(count=1, service="orders", name="send order.placed", kind="PRODUCER")
    await until(lambda: bool(spans_named(shop, "process order.placed")))
    [handled] = spans_named(shop, "process order.placed")
    assert [f"{link.context.span_id:016x}" for link in handled.links] == [sent.span_id]
    assert handled.context is not None
    shipment = InMemory(shop.spans).trace(f"{handled.context.trace_id:032x}")
    shipment.expect_whole()
    shipment.expect(count=1, service="shipping", kind="CLIENT", service__peer__name="carrier")
    shipment.expect(count=1, service="shipping", name="INSERT shipments")


async def test_a_failed_checkout_shows_its_trace_keeps_the_address_and_never_the_card(
    shop_with: OpenShop,
) -> None:
    shop = await shop_with(**CALM, PAYMENT_FAILURE_RATE="1")
    visitor = await at_the_checkout(shop)
    shop.spans.clear()

    typed = {**DEMO, "street": "77 Own Street", "number": "5555555555554444"}
    page = await visitor.submit("/checkout", **typed)

    assert page.status >= 500
    assert visitor.trace_id[:8] in visitor.answer.text
    assert typed["street"] in visitor.answer.text
    assert typed["number"] not in visitor.answer.text
    trace = InMemory(shop.spans).trace(visitor.trace_id)
    trace.expect_whole()
    charges = trace.expect(count=3, service="orders", name="POST /charges", error=True)
    resent = [span.attributes.get("http.request.resend_count") for span in charges]
    assert resent == [None, 1, 2]


async def test_a_click_that_auth_fails_is_a_page_for_people_with_the_same_status(
    shop_with: OpenShop,
) -> None:
    shop = await shop_with(**{**CALM, "AUTH_FAILURE_RATE": "1"})
    visitor = Visitor(shop)
    await visitor.open("/login")
    await visitor.submit("/login/demo", username="eric")

    with shop.tracing() as t:
        page = await visitor.open("/cart")

    assert page.status == 503
    assert visitor.trace_id[:8] in visitor.answer.text
    t.expect_whole()
    t.expect_root_cause("auth", name="GET /auth", acmeshop__fault__id="auth-failure")
