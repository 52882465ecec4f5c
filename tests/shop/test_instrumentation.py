"""One order under each instrumentation: other spans, the same calls."""

import re
from pathlib import Path

import pytest

from acme.instrumentation.outline import kinds, names, outline, summary
from tests.conftest import CALM, OpenShop
from tests.inprocess import Shop
from tests.shop.buying import KETTLE, order_body
from tests.shop.mortal import until
from traces.model import Trace
from traces.testing import AssertableTrace

PAGE = Path(__file__).parents[2] / "docs" / "auto-instrumentation.md"
WHO = ("manual", "native", "auto")
FAR = {"ORDERS_RECOVERY_SECONDS": "3600"}
KINDS = {
    *((name, "SERVER") for name in ("gateway", "auth", "orders", "catalog", "payment", "cart")),
    *((name, "CLIENT") for name in ("gateway", "auth", "orders", "catalog", "payment", "cart")),
    ("orders", "PRODUCER"),
}


async def ordered(shop: Shop) -> Trace:
    login = await shop.post("/login/", json={"username": "eric", "password": "vmware1!"})
    body = order_body(cart=[KETTLE | {"price": "35.95"}])
    with shop.tracing() as traced:
        response = await shop.post(f"/order/add/{login.json()['token']}", json=body)
    assert response.status_code == 201
    return traced.trace


def in_page(who: str) -> str:
    """The outline of the page, without the numbers of spans that share a line: a request's body
    comes in more parts from a client in the same process.
    """
    tree = re.search(rf"### {who}\n\n```text\n(.*?)\n```", PAGE.read_text(), re.DOTALL)
    assert tree is not None
    return without_numbers(tree[1])


def without_numbers(tree: str) -> str:
    return re.sub(r" x \d+$", "", tree, flags=re.MULTILINE)


async def test_the_calls_between_services_are_the_same(shop_with: OpenShop) -> None:
    found = {
        who: await ordered(await shop_with(**CALM, **FAR, ACME_INSTRUMENTATION=who)) for who in WHO
    }

    for trace in found.values():
        assert trace.is_whole
        assert kinds(trace) == KINDS
    assert len({trace.edges for trace in found.values()}) == 1
    assert len({len([s for s in t.spans if s.kind.name == "SERVER"]) for t in found.values()}) == 1
    assert [
        who for who, trace in found.items() if without_numbers(outline(trace)) != in_page(who)
    ] == []
    assert "service.peer.name" in names(found["manual"]) - names(found["auto"])
    assert summary(found).splitlines()[0].split() == list(WHO)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.services(
    "gateway", "auth", "users", "orders", "catalog", "payment", "cart", "shipping"
)
async def test_what_consumes_the_message_links_to_the_order(who: str, shop_with: OpenShop) -> None:
    shop = await shop_with(**CALM, **FAR, ACME_INSTRUMENTATION=who)

    trace = AssertableTrace(await ordered(shop))

    (sent,) = trace.expect(1, service="orders", kind="PRODUCER")

    def linked() -> bool:
        links = [link for span in shop.spans.get_finished_spans() for link in span.links]
        return sent.span_id in [f"{link.context.span_id:016x}" for link in links]

    await until(linked)
