"""The order-status chain: gateway -> auth, gateway -> orders -> shipping -> carrier."""

import math
from collections import Counter

import pytest

from tests.conftest import CALM, OpenShop
from tests.inprocess import Shop
from traces.model import Kind
from traces.testing import Tracing

ORDER = "/orders/12345"
AUTH_FAILED = "Auth Service gave an error"
STATUS_UNKNOWN = "error fetching shipping status"


async def test_the_guest_reads_an_order_without_login(shop: Shop) -> None:
    response = await shop.get(ORDER)

    assert response.status_code == 200
    assert response.json() == {
        "id": "12345",
        "status": "delivered",
        "totalPrice": 100,
        "userid": "guest",
    }


async def test_all_seeded_orders_are_there_and_others_are_not(shop: Shop) -> None:
    for number in range(12345, 12355):
        assert (await shop.get(f"/orders/{number}")).status_code == 200

    missing = await shop.get("/orders/12355")

    assert missing.status_code == 404
    assert missing.json() == {"error": "not_found", "detail": "no order 12355"}


async def test_an_id_cannot_reach_into_another_path(shop: Shop) -> None:
    response = await shop.get("/orders/12345%2Fstatus")

    assert response.status_code == 404


async def test_one_request_is_one_whole_trace(shop: Shop, traced: Tracing) -> None:
    with traced() as t:
        await shop.get(ORDER)

    t.expect_whole()
    assert t.edges() == {("gateway", "auth"), ("gateway", "orders"), ("orders", "shipping")}
    t.expect(count=4, kind="SERVER")
    for service in ("gateway", "auth", "orders", "shipping"):
        t.expect(count=1, service=service, kind="SERVER")
    t.expect(count=1, service="shipping", kind="CLIENT", service__peer__name="carrier")
    t.expect(count=0, error=True)


async def test_spans_are_named_after_their_routes(shop: Shop, traced: Tracing) -> None:
    with traced() as t:
        await shop.get(ORDER)

    assert [str(span).split(" [")[0] for span in t.spans] == [
        "gateway: GET /orders/{order_id}",
        "gateway: GET /auth",
        "auth: GET /auth",
        "gateway: GET /order/{order_id}",
        "orders: GET /order/{order_id}",
        "orders: SELECT orders",
        "orders: GET /order/{order_id}/status",
        "shipping: GET /order/{order_id}/status",
        "shipping: SELECT shipments",
        "shipping: GET /v1/tracking/{tracking}",
    ]


async def test_spans_carry_the_names_of_the_semantic_conventions(
    shop: Shop, traced: Tracing
) -> None:
    with traced() as t:
        await shop.get(ORDER)

    [server] = t.find(service="orders", kind="SERVER")
    assert server.attributes.items() >= {
        ("http.request.method", "GET"),
        ("http.route", "/order/{order_id}"),
        ("http.response.status_code", 200),
        ("url.path", "/order/12345"),
        ("url.query", "user=guest"),
        ("url.scheme", "http"),
        ("acmeshop.order.id", "12345"),
    }
    [client] = t.find(service="gateway", name="GET /auth")
    assert client.attributes.items() >= {
        ("http.request.method", "GET"),
        ("url.full", "http://127.0.0.1:5001/auth"),
        ("server.address", "127.0.0.1"),
        ("server.port", 5001),
        ("http.response.status_code", 200),
        ("service.peer.name", "auth"),
    }
    [select] = t.find(service="orders", db__system__name="sqlite")
    assert select.kind is Kind.CLIENT
    assert select.attributes.items() >= {
        ("db.operation.name", "SELECT"),
        ("db.collection.name", "orders"),
        ("db.namespace", "orders"),
    }


async def test_when_auth_fails_the_gateway_says_so_and_calls_nobody_else(
    shop_with: OpenShop,
) -> None:
    shop = await shop_with(AUTH_FAILURE_RATE="1")

    with shop.tracing() as t:
        response = await shop.get(ORDER)

    assert response.status_code == 503
    assert response.json() == {"error": "unavailable", "detail": AUTH_FAILED}
    t.expect_no_edge("gateway", "orders")
    cause = t.expect_root_cause("auth", kind="SERVER", http__response__status_code=500)
    assert cause.attributes["error.type"] == "500"
    assert cause.attributes["acmeshop.fault.id"] == "auth-failure"
    assert [event.name for event in cause.events] == ["exception"]
    t.expect(count=1, service="gateway", kind="CLIENT", error=True)
    t.expect(count=1, service="gateway", kind="SERVER", error=True)


async def test_when_the_carrier_fails_the_order_is_still_answered(shop_with: OpenShop) -> None:
    shop = await shop_with(AUTH_FAILURE_RATE="0", SHIPPING_FAILURE_RATE="1")

    with shop.tracing() as t:
        response = await shop.get(ORDER)

    assert response.status_code == 200
    assert response.json()["status"] == STATUS_UNKNOWN
    cause = t.expect_root_cause("shipping", kind="CLIENT", service__peer__name="carrier")
    assert cause.attributes["http.response.status_code"] == 503
    t.expect(count=1, service="shipping", kind="SERVER", error=True)
    [orders] = t.expect(count=1, service="orders", kind="SERVER", error=False)
    assert orders.attributes["acmeshop.resilience.outcome"] == "fallback"
    t.expect(count=1, service="gateway", kind="SERVER", error=False)


async def test_when_orders_is_down_the_gateway_says_so(shop: Shop, traced: Tracing) -> None:
    shop.unplug("orders")

    with traced() as t:
        response = await shop.get(ORDER)

    assert response.status_code == 503
    assert response.json()["detail"] == "Error contacting Orders service"
    cause = t.expect_root_cause("gateway", kind="CLIENT", service__peer__name="orders")
    assert cause.attributes["error.type"] == "ConnectError"


async def test_a_missing_order_is_an_error_of_the_client_spans_only(
    shop: Shop, traced: Tracing
) -> None:
    with traced() as t:
        await shop.get("/orders/1")

    assert {span.kind for span in t.find(error=True)} == {Kind.CLIENT}


@pytest.mark.parametrize("seed", ["42", "7"])
async def test_same_seed_and_same_requests_have_the_same_outcomes(
    shop_with: OpenShop, seed: str
) -> None:
    first, second = [await outcomes(await shop_with(ACME_SEED=seed), 60) for _ in range(2)]

    assert first == second
    assert len(set(first)) == 3


async def test_another_seed_has_other_outcomes(shop_with: OpenShop) -> None:
    first = await outcomes(await shop_with(ACME_SEED="1"), 40)
    second = await outcomes(await shop_with(ACME_SEED="2"), 40)

    assert first != second


async def test_faults_fire_at_the_promised_rates(shop_with: OpenShop) -> None:
    counts = Counter(await outcomes(await shop_with(), 400))

    failed, unknown = counts[AUTH_FAILED], counts[STATUS_UNKNOWN]
    assert within_4_sigma(failed, 400, 0.2)
    assert within_4_sigma(unknown, 400 - failed, 0.3)


async def test_without_faults_every_order_is_delivered(shop_with: OpenShop) -> None:
    assert set(await outcomes(await shop_with(**CALM), 50)) == {"delivered"}


async def test_health_is_neither_faulted_nor_traced(shop_with: OpenShop) -> None:
    shop = await shop_with(AUTH_FAILURE_RATE="1", GATEWAY_FAILURE_RATE="1")

    for path in ("/healthz", "/readyz"):
        assert (await shop.get(shop.url("auth", path))).status_code == 200
        assert (await shop.get(path)).status_code == 200

    assert shop.spans.get_finished_spans() == ()


async def test_a_span_ends_before_the_span_that_waited_for_it(shop: Shop, traced: Tracing) -> None:
    with traced() as t:
        await shop.get(ORDER)

    for span in t.spans:
        if (parent := t.parent(span)) is not None:
            assert parent.start_ns <= span.start_ns <= span.end_ns <= parent.end_ns, t.tree()


async def test_with_tracing_off_the_shop_works_and_names_no_trace(shop_with: OpenShop) -> None:
    shop = await shop_with(**CALM, OTEL_SDK_DISABLED="true")

    response = await shop.get(ORDER)

    assert response.json()["status"] == "delivered"
    assert "traceresponse" not in response.headers
    assert shop.spans.get_finished_spans() == ()


async def test_a_shop_of_several_header_formats_makes_whole_traces(shop_with: OpenShop) -> None:
    shop = await shop_with(
        **CALM,
        GATEWAY_OTEL_PROPAGATORS="tracecontext,b3",
        ORDERS_OTEL_PROPAGATORS="jaeger,b3",
        SHIPPING_OTEL_PROPAGATORS="b3,jaeger",
    )

    with shop.tracing() as t:
        await shop.get(ORDER)

    t.expect_whole()
    assert t.edges() == {("gateway", "auth"), ("gateway", "orders"), ("orders", "shipping")}


async def test_the_icon_that_browsers_request_leaves_no_trace(shop: Shop) -> None:
    assert (await shop.get("/favicon.ico")).status_code == 204

    assert shop.spans.get_finished_spans() == ()


async def outcomes(shop: Shop, requests: int) -> list[str]:
    answers = [(await shop.get(ORDER)).json() for _ in range(requests)]
    return [answer.get("status") or answer["detail"] for answer in answers]


def within_4_sigma(hits: int, draws: int, rate: float) -> bool:
    return abs(hits - draws * rate) < 4 * math.sqrt(draws * rate * (1 - rate))
