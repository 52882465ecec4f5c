"""The customer's tier: who says it, how far it travels, and what it is good for."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan

from shared.http import SimulatedSystem
from shared.profiles import PROFILES
from shared.telemetry.w3c import MOST_PAIRS
from shared.transport import Request, Response
from tests.conftest import CALM, OpenShop
from tests.inprocess import Shop
from tests.shop.acme import KETTLE, client_of, item, log_in, order
from tests.shop.buying import SOON, USER, order_body, shipments
from tests.shop.conftest import OpenWorld
from tests.shop.mortal import until

TIER = "customer.tier"


async def placed(shop: Shop, username: str) -> str:
    """The id of an order that this user has placed."""
    async with client_of(shop) as client:
        user = (await log_in(client, username))["token"]
        goods = [item((await client.get(f"/products/{KETTLE}")).json()["data"])]
        answer = await client.post(f"/order/add/{user}", json=order(goods, "165"))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["order_id"])


async def shipment(shop: Shop, order_id: str) -> dict[str, Any]:
    """The order's shipment, once it is packed."""
    await until(lambda: bool(finished(shop, "pack order")))
    answer = await shop.get(shop.url("shipping", f"/shipments?orders={order_id}"))
    found: dict[str, Any] = answer.json()["data"][0]
    return found


def finished(shop: Shop, name: str) -> list[ReadableSpan]:
    return [span for span in shop.spans.get_finished_spans() if span.name == name]


def tiers(spans: list[ReadableSpan]) -> dict[object, object]:
    """The tier that the SERVER and CONSUMER spans of each service show."""
    return {
        span.resource.attributes["service.name"]: (span.attributes or {}).get(TIER)
        for span in spans
        if span.kind.name in {"SERVER", "CONSUMER"}
    }


@pytest.mark.parametrize("profile", [name for name in PROFILES if name != "broken"])
@pytest.mark.parametrize(
    ("username", "tier", "service", "days"),
    [("eric", "gold", "express", 1), ("han", "standard", "standard", 3)],
)
async def test_the_tier_of_the_customer_decides_how_the_order_is_shipped(
    shop_with: OpenShop, profile: str, username: str, tier: str, service: str, days: int
) -> None:
    shop = await shop_with(**CALM, ACME_PROFILE=profile)
    parcel = await shipment(shop, await placed(shop, username))

    assert parcel["service"] == service
    assert days_between(parcel["shipped_at"], parcel["promised_by"]) == days
    (pack,) = finished(shop, "pack order")
    assert pack.attributes is not None
    assert (pack.attributes[TIER], pack.attributes["acmeshop.shipment.service"]) == (tier, service)


async def test_where_the_context_is_not_read_the_tier_is_lost_with_it(shop_with: OpenShop) -> None:
    shop = await shop_with(**CALM, ACME_PROFILE="broken")

    assert (await shipment(shop, await placed(shop, "eric")))["service"] == "standard"


async def test_spans_behind_the_gateway_show_the_tier_and_nothing_else_of_the_baggage(
    shop: Shop,
) -> None:
    shop.spans.clear()
    answer = await shop.get("/orders/12345", headers={"baggage": "campaign=spring"})

    assert answer.status_code == 200
    spans = list(shop.spans.get_finished_spans())
    assert tiers(spans) == {
        "gateway": "guest",
        "auth": None,
        "orders": "guest",
        "shipping": "guest",
    }
    assert not [span for span in spans if "campaign" in (span.attributes or {})]


async def test_which_members_spans_show_is_a_setting(shop_with: OpenShop) -> None:
    shop = await shop_with(**CALM, ACME_BAGGAGE_ATTRIBUTES="campaign,session.id")
    shop.spans.clear()
    await shop.get("/orders/12345", headers={"baggage": "campaign=spring"})

    shown = [span for span in shop.spans.get_finished_spans() if span.name.startswith("GET")]
    assert {(span.attributes or {}).get("campaign") for span in shown} == {"spring"}


@pytest.mark.parametrize("trusted", ["on", "off"])
async def test_nobody_can_claim_a_tier(shop_with: OpenShop, trusted: str) -> None:
    shop = await shop_with(**CALM, ACME_REQUEST_FAULTS=trusted)
    shop.spans.clear()

    await shop.get("/orders/12345", headers={"baggage": f"{TIER}=gold,session.id=ann-1"})
    assert tiers(list(shop.spans.get_finished_spans()))["shipping"] == "guest"
    shop.spans.clear()
    await shop.get("/products", headers={"baggage": f"{TIER}=gold"})
    assert tiers(list(shop.spans.get_finished_spans()))["catalog"] is None


async def test_baggage_of_an_outsider_does_not_crowd_out_the_tier(shop: Shop) -> None:
    shop.spans.clear()
    many = ",".join(f"k{number}=v" for number in range(MOST_PAIRS))

    await shop.get("/orders/12345", headers={"baggage": many})

    assert tiers(list(shop.spans.get_finished_spans()))["shipping"] == "guest"


@pytest.mark.parametrize(
    ("profile", "instrumentation"),
    [(profile, "manual") for profile in PROFILES] + [("standard", "native"), ("standard", "auto")],
)
async def test_third_parties_get_the_trace_and_no_baggage(
    shop_with: OpenShop, monkeypatch: pytest.MonkeyPatch, profile: str, instrumentation: str
) -> None:
    if instrumentation == "auto":
        pytest.importorskip("opentelemetry.instrumentation.fastapi")
    arrived: list[Mapping[str, str]] = []
    answer = SimulatedSystem.handle_async_request

    async def noting(system: SimulatedSystem, request: Request) -> Response:
        arrived.append(dict(request.headers))
        return await answer(system, request)

    monkeypatch.setattr(SimulatedSystem, "handle_async_request", noting)
    shop = await shop_with(**CALM, ACME_PROFILE=profile, ACME_INSTRUMENTATION=instrumentation)
    await shipment(shop, await placed(shop, "eric"))

    assert len(arrived) == 2, "the bank and the carrier"
    for headers in arrived:
        assert {"traceparent", "b3", "uber-trace-id", "x-b3-traceid"} & headers.keys()
        assert not [name for name in headers if name == "baggage" or name.startswith("uberctx-")]
        assert "gold" not in "".join(headers.values())
    for span in shop.spans.get_finished_spans():
        if (span.attributes or {}).get("service.peer.name") in {"bank", "carrier"}:
            sent = (span.attributes or {}).get("acmeshop.propagation.sent_headers", ())
            assert set(sent) <= arrived[0].keys() | arrived[1].keys()  # type: ignore[arg-type]


async def test_a_recovery_ships_by_the_tier_of_the_checkout(worlds: OpenWorld) -> None:
    async with worlds() as world:
        await world.begin("orders", REDIS_URL="redis://127.0.0.1:1")  # it cannot be announced
        headers = {"baggage": f"{TIER}=gold", "idempotency-key": "one-and-the-same"}
        path, body = f"/users/{USER}/orders", order_body()
        response = await world.ask("POST", "orders", path, json=body, headers=headers)
        id_ = response.json()["order_id"]
        await world.begin("orders", **SOON)

        await until(lambda: id_ in shipments(world))

        assert shipments(world)[id_]["service"] == "express"


def days_between(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)) / timedelta(days=1)
