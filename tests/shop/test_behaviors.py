"""What is done wrong on purpose: how each mistake shows in traces, and what ends it."""

import asyncio
import json
import sqlite3
from contextlib import closing
from itertools import pairwise
from typing import Any

import httpx
import pytest

from chaos.engine.model import Fault
from tests.conftest import CALM, OpenShop
from tests.inprocess import Shop
from tests.shop.acme import KETTLE, log_in, order
from tests.shop.faulted import behavior, fault, over_a_socket, set_faults
from tests.shop.mortal import until
from traces.model import Span
from traces.testing import AssertableTrace, InMemory

ORDER = "/orders/12345"
PRODUCTS = 24
CARRIER_DOWN = fault("carrier-down", "shipping", "client", peer="carrier", type="error", status=503)
BANK_DOWN = fault("bank-down", "payment", "client", peer="bank", type="error", status=503)
SLOW_MS = 60
SLOW_CATALOG = fault("slow-catalog", "catalog", "store", type="latency", ms=SLOW_MS)


async def checked_out(shop: Shop, **headers: str) -> httpx.Response:
    """A checkout of two kettles, by somebody who is logged in."""
    user = (await log_in(shop, "eric"))["user"]["id"] if "acme_session" not in shop.cookies else ""
    user = user or shop.headers["x-user"]
    shop.headers["x-user"] = user
    line = {"itemid": KETTLE, "name": "Kettle", "quantity": 2, "price": 35.95}
    body = order([line], "71.9")
    return await shop.post(f"/order/add/{user}", json=body, headers=headers)


def charges(shop: Shop, owner: str) -> list[dict[str, Any]]:
    """What payment, or its bank, has in its books as charged."""
    path = shop.runtimes["payment"].settings.data / f"{owner}.sqlite"
    with closing(sqlite3.connect(path)) as database:
        kept = [json.loads(body) for (body,) in database.execute("SELECT body FROM charges")]
    return [entry for entry in kept if entry["state"] == "charged"]


def one_after_the_other(spans: list[Span]) -> bool:
    """Whether each begins only when the one before is over."""
    by_start = sorted(spans, key=lambda span: span.start_ns)
    return all(one.end_ns <= next_.start_ns for one, next_ in pairwise(by_start))


def server_of(trace: AssertableTrace, service: str) -> Span:
    [span] = trace.expect(count=1, service=service, kind="SERVER")
    return span


async def test_one_reading_for_each_product_is_a_staircase_of_equal_spans(shop: Shop) -> None:
    set_faults(shop, behavior("catalog", "n_plus_one"))
    with shop.tracing() as slow:
        listed = await shop.get("/products")
    set_faults(shop)
    with shop.tracing() as t:
        assert (await shop.get("/products")).json() == listed.json()

    slow.expect_whole()
    steps = slow.expect(count=PRODUCTS + 1, service="catalog", name="SELECT products")
    assert one_after_the_other(steps)
    assert {step.parent_id for step in steps} == {server_of(slow, "catalog").span_id}
    slow.expect(count=0, error=True)
    t.expect(count=1, service="catalog", kind="CLIENT")


async def test_the_same_goes_for_some_products(shop: Shop) -> None:
    ids = {"ids": "storm-lantern,pour-over-kettle,nothing"}
    set_faults(shop, behavior("catalog", "n_plus_one"))
    with shop.tracing() as slow:
        found = (await shop.get("/products", params=ids)).json()

    slow.expect(count=3, service="catalog", name="SELECT products")
    assert [product["id"] for product in found["data"]] == ["storm-lantern", "pour-over-kettle"]


async def test_retries_in_each_layer_multiply_to_a_comb(shop: Shop) -> None:
    layers = ("gateway", "orders", "payment")
    set_faults(shop, BANK_DOWN, *(behavior(service, "naive_retries") for service in layers))
    with shop.tracing() as storm:
        await checked_out(shop)
    comb = storm.all[-1]
    set_faults(shop, BANK_DOWN, behavior("gateway", "naive_retries"))
    with shop.tracing() as two:
        await checked_out(shop)
    set_faults(shop, BANK_DOWN)
    with shop.tracing() as one:
        failed = await checked_out(shop)

    comb.expect_whole()
    leaves = comb.expect(count=27, service="payment", kind="CLIENT", service__peer__name="bank")
    resent = [leaf.attributes.get("http.request.resend_count", 0) for leaf in leaves]
    assert sorted(resent) == [0] * 9 + [1] * 9 + [2] * 9
    assert one_after_the_other(leaves)
    comb.expect(count=0, error__type="breaker_open")
    # A breaker stands between the two layers that are left, and lets five failures pass.
    calls = two.expect(service="orders", kind="CLIENT", service__peer__name="payment")
    assert len(two.find("payment", kind="SERVER")) == 5
    assert [span for span in calls if span.attributes["error.type"] == "breaker_open"]
    one.expect(count=1, service="orders", kind="CLIENT", error__type="breaker_open")
    one.expect(count=0, service="payment")
    assert failed.status_code == 503


async def test_without_idempotency_a_late_answer_is_paid_for_twice(shop_with: OpenShop) -> None:
    shop = await shop_with(**CALM, ACME_TIMEOUT_MS="5000")
    late = fault(
        "late", "payment", "server", hits="first 1", type="latency", ms=1500, position="after"
    )
    async with over_a_socket(shop, "payment"):
        set_faults(shop, late)
        assert (await checked_out(shop)).status_code == 201
        assert len(charges(shop, "bank")) == 1
        set_faults(shop)
        set_faults(shop, late, behavior("payment", "no_idempotency"))
        with shop.tracing() as t:
            assert (await checked_out(shop)).status_code == 201
        [trace_id] = {span.trace_id for span in t.spans}
        source = InMemory(shop.spans)
        await until(lambda: len(source.trace(trace_id).find("payment", kind="SERVER")) == 2)
        ghost = source.trace(trace_id)

    ghost.expect_whole()
    calls = ghost.expect(count=2, service="orders", name="POST /charges", kind="CLIENT")
    assert [span.attributes.get("http.request.resend_count") for span in calls] == [None, 1]
    assert [span.attributes.get("error.type") for span in calls] == ["timeout", None]
    outlives = ghost.children(calls[0])[0]
    assert outlives.end_ns > calls[0].end_ns
    assert not outlives.failed
    ghost.expect(count=2, service="payment", kind="CLIENT", service__peer__name="bank")
    assert server_of(ghost, "orders").attributes["acmeshop.resilience.outcome"] == "retried"
    assert len(charges(shop, "bank")) == len(charges(shop, "payment")) == 3
    twice = [one for one in charges(shop, "payment") if "." in one["order_id"]]
    assert [one["order_id"].split(".")[0] in ids(shop) for one in twice] == [True]


def ids(shop: Shop) -> set[str]:
    return {entry["order_id"] for entry in charges(shop, "payment")}


async def test_a_deadline_for_each_read_only_is_none_for_a_body_that_drips(
    shop_with: OpenShop,
) -> None:
    shop = await shop_with(**CALM, ACME_TIMEOUT_MS="1000")
    drip = fault("drip", "catalog", "server", type="drip", chunk_bytes=80, interval_ms=200)
    async with over_a_socket(shop, "catalog"):
        set_faults(shop, drip, behavior("gateway", "no_timeout"))
        with shop.tracing() as t:
            slow = await shop.get(f"/products/{KETTLE}")
        set_faults(shop, drip)
        with shop.tracing() as kept:
            late = await shop.get(f"/products/{KETTLE}")

    assert slow.status_code == 200
    t.expect_whole()
    t.expect(count=0, error=True)
    [calls] = t.expect(count=1, service="gateway", kind="CLIENT", service__peer__name="catalog")
    dripped, edge = server_of(t, "catalog"), server_of(t, "gateway")
    assert dripped.end_ns - calls.end_ns > 5e8
    assert edge.end_ns >= dripped.end_ns - 1e7
    assert late.status_code == 504
    kept.expect(count=1, service="gateway", kind="CLIENT", error__type="timeout")


@pytest.mark.parametrize(
    "few",
    [
        behavior("catalog", "single_connection"),
        fault("pool", "catalog", "store", type="pool", size=1),
    ],
    ids=["behavior", "pool"],
)
async def test_with_one_connection_each_waits_longer_before_the_same_span(
    shop: Shop, few: Fault
) -> None:
    set_faults(shop, SLOW_CATALOG, few)
    narrow = await in_parallel(shop)
    set_faults(shop, SLOW_CATALOG)
    wide = await in_parallel(shop)

    reads = sorted((read_of(trace) for trace in narrow), key=lambda span: span.start_ns)
    assert one_after_the_other(reads)
    gaps = [read_of(t).start_ns - server_of(t, "catalog").start_ns for t in narrow]
    assert max(gaps) - min(gaps) > 2 * SLOW_MS * 1e6
    assert not one_after_the_other([read_of(trace) for trace in wide])


def read_of(trace: AssertableTrace) -> Span:
    [span] = trace.expect(count=1, service="catalog", kind="CLIENT")
    return span


async def in_parallel(
    shop: Shop, path: str = f"/products/{KETTLE}", times: int = 5
) -> list[AssertableTrace]:
    with shop.tracing() as t:
        await asyncio.gather(*(shop.get(path) for _ in range(times)))
    return t.all


async def test_a_pool_in_front_of_redis_makes_carts_wait_too(shop: Shop) -> None:
    slow = fault("slow-carts", "cart", "store", type="latency", ms=20)
    set_faults(shop, slow, fault("pool", "cart", "store", type="pool", size=1))

    traces = await in_parallel(shop, shop.url("cart", "/carts/somebody"))

    assert one_after_the_other(
        [trace.expect(count=1, service="cart", kind="CLIENT")[0] for trace in traces]
    )


async def test_calls_wait_for_their_turn_before_their_span_begins(shop: Shop) -> None:
    narrow = fault("narrow", "gateway", "client", peer="catalog", type="pool", size=1)
    set_faults(shop, SLOW_CATALOG, narrow)

    traces = await in_parallel(shop)

    calls = [trace.expect(count=1, service="gateway", kind="CLIENT")[0] for trace in traces]
    assert one_after_the_other(calls)


async def test_simultaneous_requests_for_all_products_share_one_reading(shop: Shop) -> None:
    set_faults(shop, fault("slow", "catalog", "store", type="latency", ms=800))
    shared = await in_parallel(shop, "/products", 8)
    set_faults(shop, SLOW_CATALOG, behavior("catalog", "no_single_flight"))
    stampede = await in_parallel(shop, "/products", 8)

    servers = [server_of(trace, "catalog") for trace in shared]
    roles = [span.attributes.get("acmeshop.single_flight") for span in servers]
    assert sorted(map(str, roles)) == ["follower"] * 7 + ["leader"]
    leader = servers[roles.index("leader")]
    assert {link.span_id for span in servers for link in span.links} == {leader.span_id}
    assert sum(len(trace.find("catalog", kind="CLIENT")) for trace in shared) == 1
    assert all(len(trace.find("catalog", kind="CLIENT")) == 1 for trace in stampede)
    assert all("acmeshop.single_flight" not in server_of(t, "catalog").attributes for t in stampede)


async def test_who_comes_alone_neither_leads_nor_follows(shop: Shop) -> None:
    for _ in range(2):
        with shop.tracing() as t:
            await shop.get("/products")
        assert "acmeshop.single_flight" not in server_of(t, "catalog").attributes
        read_of(t)


async def test_with_a_fallback_the_carriers_failure_goes_no_further(shop: Shop) -> None:
    set_faults(shop, CARRIER_DOWN)
    with shop.tracing() as plain:
        assert (await shop.get(ORDER)).json()["status"] == "error fetching shipping status"
    set_faults(shop, CARRIER_DOWN, behavior("shipping", "fallback"))
    with shop.tracing() as t:
        assert (await shop.get(ORDER)).json()["status"] == "delivered"

    assert server_of(plain, "shipping").failed
    cause = t.expect_root_cause("shipping", kind="CLIENT", error__type="503")
    assert t.find(error=True) == [cause]
    assert server_of(t, "shipping").attributes["acmeshop.resilience.outcome"] == "fallback"
    assert "acmeshop.resilience.outcome" not in server_of(t, "orders").attributes


async def test_auth_is_called_again_where_that_is_the_remedy(shop: Shop) -> None:
    twice = fault("auth-twice", "auth", "server", route="GET /auth", type="error", hits="first 2")
    set_faults(shop, twice)
    assert (await shop.get(ORDER)).status_code == 503
    set_faults(shop)
    set_faults(shop, twice, behavior("gateway", "retries"))
    with shop.tracing() as t:
        assert (await shop.get(ORDER)).status_code == 200

    t.expect_whole()
    calls = t.expect(count=3, service="gateway", name="GET /auth", kind="CLIENT")
    assert [span.failed for span in calls] == [True, True, False]
    edge = server_of(t, "gateway")
    assert not edge.failed
    assert edge.attributes["acmeshop.resilience.outcome"] == "retried"


async def test_each_mistake_is_marked_where_it_is_made(shop: Shop) -> None:
    set_faults(shop, behavior("catalog", "n_plus_one"))
    with shop.tracing() as t:
        await shop.get("/products")

    span = server_of(t, "catalog")
    assert span.attributes["acmeshop.fault.id"] == "catalog-n-plus-one"
    assert span.attributes["acmeshop.fault.type"] == "behavior"
