"""Whose faults a caller of the gateway meets: outsiders are not always trusted."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.types import Receive, Scope, Send

from chaos.engine.model import Fault, Snapshot
from services.gateway.routes.edge import Edge
from shared.session import SEAL, sealed, tenant_of
from tests.conftest import CALM, OpenShop
from tests.faulty import faults_in
from tests.inprocess import Shop

SECRET = "only-for-services"
MINE = {"session.id": "mine", "acmeshop.step": "1"}
OFF = {**CALM, "ACME_REQUEST_FAULTS": "off"}
UNAVAILABLE, WELL = 502, 200


def baggage(members: Mapping[str, str]) -> dict[str, str]:
    return {"baggage": urlencode(members).replace("&", ",")}


def inject(shop: Shop, **match: Any) -> None:
    """Has catalog fail for whom it matches."""
    fault = {"id": "theirs", "where": {"match": match}, "effect": {"type": "error"}}
    faults = (Fault.model_validate(fault),)
    faults_in(shop.runtimes["catalog"]).replace(Snapshot(revision=1, faults=faults))


async def ask(shop: Shop, headers: Mapping[str, str]) -> int:
    answer = await shop.get("/products", headers=headers)
    return answer.status_code


def attributes(shop: Shop) -> Mapping[str, Any]:
    """Of the gateway's last SERVER span."""
    spans = [span for span in shop.spans.get_finished_spans() if span.parent is None]
    return spans[-1].attributes or {}


async def test_where_it_is_allowed_everybody_says_whose_faults_they_meet(shop: Shop) -> None:
    inject(shop, session="mine")

    assert await ask(shop, baggage(MINE)) == UNAVAILABLE
    assert await ask(shop, baggage({**MINE, "session.id": "another"})) == WELL


async def test_a_plan_may_come_in_a_header(shop: Shop) -> None:
    inject(shop, baggage={"acmeshop.plan": "p-1"})

    assert await ask(shop, {"x-acmeshop-plan": "p-1"}) == UNAVAILABLE
    assert await ask(shop, {"x-acmeshop-plan": "p-2"}) == WELL


async def test_the_span_says_whose_it_is(shop: Shop) -> None:
    await ask(shop, baggage(MINE))
    found = attributes(shop)

    assert (found["session.id"], found["acmeshop.tenant"]) == ("mine", tenant_of("mine"))
    await ask(shop, {})
    assert attributes(shop).keys() & {"session.id", "acmeshop.tenant"} == set()


@pytest.mark.parametrize("token", ["", SECRET])
async def test_elsewhere_the_session_of_an_outsider_is_not_trusted(
    shop_with: OpenShop, token: str
) -> None:
    shop = await shop_with(**OFF, CHAOS_TOKEN=token)
    inject(shop, session="mine")

    assert await ask(shop, baggage(MINE)) == WELL
    assert await ask(shop, baggage(sealed(MINE, "guessed"))) == WELL
    assert await ask(shop, baggage({**MINE, "acmeshop.seal": ""})) == WELL
    assert "session.id" not in attributes(shop)


async def test_elsewhere_a_plan_in_a_header_is_not_trusted(shop_with: OpenShop) -> None:
    shop = await shop_with(**OFF)
    inject(shop, baggage={"acmeshop.plan": "p-1"})

    assert await ask(shop, {"x-acmeshop-plan": "p-1"}) == WELL


async def test_the_storefront_is_trusted_everywhere(shop_with: OpenShop) -> None:
    shop = await shop_with(**OFF, CHAOS_TOKEN=SECRET)
    inject(shop, session="mine")

    assert await ask(shop, baggage(sealed(MINE, SECRET))) == UNAVAILABLE
    forged = {**sealed(MINE, SECRET), "acmeshop.step": "2"}
    assert await ask(shop, baggage(forged)) == WELL


async def test_the_storefronts_seal_goes_no_further_than_the_gateway(shop_with: OpenShop) -> None:
    shop, members = await shop_with(**OFF, CHAOS_TOKEN=SECRET), sealed(MINE, SECRET)
    inject(shop, baggage={SEAL: members[SEAL]})

    assert await ask(shop, baggage(members)) == WELL


async def test_headers_between_services_are_not_taken_from_an_outsider() -> None:
    seen: list[bytes] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.extend(name for name, _ in scope["headers"])

    nothing: Any = None
    headers = [(b"accept", b"*/*"), (b"x-acmeshop-hop", b"0123456789abcdef/0")]
    edge = Edge(app, trusting=False, secret=SECRET)
    await edge({"type": "http", "headers": headers}, nothing, nothing)

    assert seen == [b"accept"]


async def test_a_click_in_the_storefront_keeps_its_session_to_the_last_service(
    shop_with: OpenShop,
) -> None:
    shop = await shop_with(**OFF, CHAOS_TOKEN=SECRET)
    page = await shop.get(shop.url("frontend", "/products"))
    session = page.cookies["shop_session"].partition(".")[0]
    inject(shop, session=session, baggage={"acmeshop.tenant": tenant_of(session)})
    cookie = {"cookie": f"shop_session={session}.1"}
    page = await shop.get(shop.url("frontend", "/products"), headers=cookie)

    assert page.status_code == UNAVAILABLE
    hits = faults_in(shop.runtimes["catalog"]).ledger
    assert {(hit.session, hit.step) for hit in hits} == {(session, "2")}


async def test_what_is_not_ours_goes_through(shop_with: OpenShop) -> None:
    shop = await shop_with(**OFF)
    inject(shop, baggage={"colour": "red"})

    assert await ask(shop, baggage({"colour": "red", **MINE})) == UNAVAILABLE
