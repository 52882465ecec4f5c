"""What the drawer says of a click, out of lens's story of its trace."""

from typing import Any

import pytest

from services.frontend.domain.story import story_of
from services.frontend.domain.telling import WAITING, telling
from services.frontend.domain.verdict import Verdict, verdict
from services.frontend.domain.waterfall import LARGEST, MOST, waterfall
from services.frontend.domain.words import took
from tests.services.frontend.made import Told, checkout

OUTSIDE = frozenset({"bank", "carrier"})


def said(told: Told) -> Verdict:
    return verdict(story_of(told.story()))


def order_status(*, carrier: int = 200, auth: int = 200) -> Told:
    told = Told()
    status = 200 if auth == 200 else 503
    root = told.root("GET /orders/{order_id}", status)
    gateway = told.hop("frontend", "gateway", "GET /orders/{order_id}", root, status=status)
    told.hop("gateway", "auth", "GET /auth", gateway, status=auth, at=(1, 3))
    if auth == 200:
        orders = told.hop("gateway", "orders", "GET /order/{order_id}", gateway)
        asked = told.hop(
            "orders",
            "shipping",
            "GET /order/{order_id}/status",
            orders,
            status=200 if carrier == 200 else 502,
        )
        told.call(
            "shipping",
            "carrier",
            "GET /v1/tracking/{tracking}",
            asked,
            status=carrier,
            failed=carrier >= 400,
            at=(5, 17),
        )
    return told


def test_a_click_that_went_well_is_counted() -> None:
    assert said(order_status()) == Verdict(
        "good", "Everything went well: 10 spans in 5 services, 40 ms."
    )


def test_a_failed_checkout_names_the_bank_that_broke_it() -> None:
    told = said(checkout(bank=503))
    assert told.tone == "bad"
    assert told.sentence == ("Checkout failed because payment's bank answered 503 after 212 ms.")


def test_a_service_that_fails_by_itself_leaves_its_caller_without_an_answer() -> None:
    assert said(order_status(auth=500)).sentence == (
        "This page failed because auth answered 500 after 2 ms, so the gateway gave up."
    )


def test_a_degraded_answer_says_why_something_is_missing() -> None:
    told = said(order_status(carrier=503))
    assert told.tone == "degraded"
    assert told.sentence == (
        "The page is fine, but shipping's carrier answered 503 after 12 ms: that is why the "
        "status is missing."
    )


def test_a_refused_card_is_no_failure_of_the_shop() -> None:
    told = said(checkout(bank=402))
    assert told.tone == "refused"
    assert told.sentence == (
        "Checkout was refused because payment's bank answered 402 after 212 ms."
    )


def test_a_refusal_began_at_the_one_who_refused() -> None:
    told = Told()
    root = told.root("GET /products/{product_id}", 404)
    gateway = told.hop("frontend", "gateway", "GET /products/{id}", root, status=404)
    told.hop("gateway", "catalog", "GET /products/{id}", gateway, status=404, at=(2, 5))
    assert said(told).sentence == (
        "This page was not found because catalog answered 404 after 3 ms."
    )
    rows = waterfall(story_of(told.story())).rows
    assert [(row.service, row.cause) for row in rows] == [
        ("frontend", False),
        ("gateway", False),
        ("catalog", True),
    ]


def test_a_call_that_was_made_again_and_went_well_is_told_so() -> None:
    told = Told()
    root = told.root("POST /checkout", 303)
    orders = told.hop("frontend", "gateway", "POST /order/add/{user_id}", root)
    told.hop("gateway", "payment", "POST /charges", orders, status=503, at=(1, 3))
    told.hop("gateway", "payment", "POST /charges", orders, at=(5, 9))
    assert said(told).sentence == (
        "It went through: payment answered 503 after 2 ms, but another try went well."
    )


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("timeout", "This page failed because orders did not answer within 5.0 s."),
        ("ConnectError", "This page failed because orders could not be reached."),
        (
            "breaker_open",
            "This page failed because orders was not asked, since it kept failing.",
        ),
    ],
)
def test_a_service_that_does_not_answer_is_named(error: str, sentence: str) -> None:
    told = Told()
    root = told.root("GET /orders", 503)
    gateway = told.hop("frontend", "gateway", "GET /order/{user_id}", root, status=503)
    told.call("gateway", "orders", "GET /o", gateway, error=error, failed=True, at=(0, 5000))
    assert said(told).sentence == sentence


def test_a_store_that_fails_is_named_with_its_service() -> None:
    told = Told()
    root = told.root("GET /cart", 503)
    known: dict[str, Any] = {"db__system__name": "redis", "error__type": "TimeoutError"}
    told.span("cart", "HGETALL", root, kind="client", failed=True, at=(0, 2), **known)
    assert said(told).sentence == (
        "This page failed because cart's redis failed after 2 ms (TimeoutError)."
    )


def test_the_frontend_owns_up_to_its_own_failure_and_says_that_it_was_ordered() -> None:
    told = Told()
    told.span(
        "frontend",
        "GET /",
        failed=True,
        at=(0, 1),
        http__response__status_code=503,
        acmeshop__fault__id="frontend-failure",
    )
    assert said(told) == Verdict(
        "bad",
        "The frontend itself answered 503 after 1 ms, before it asked anyone.",
        "This failure is on purpose: it is the fault frontend-failure.",
    )


def test_a_refused_form_says_that_nobody_was_asked() -> None:
    told = Told()
    told.root("POST /cart/items", 403, at=(0, 1))
    assert said(told).sentence == (
        "Adding to the cart was refused: the frontend answered 403 after 1 ms, without asking "
        "anyone."
    )


def test_the_same_failure_many_times_is_told_once() -> None:
    told = Told()
    root = told.root("GET /journal", 200)
    for number in range(3):
        told.hop("frontend", "suggestions", "GET /s", root, status=503, at=(number, number + 1))
    told.hop("frontend", "articles", "GET /a", root, status=500)
    assert "(3 times), and 1 other call failed as well" in said(told).sentence


def test_a_call_and_its_work_are_one_row_and_stores_are_a_note() -> None:
    told = Told()
    root = told.root("GET /cart", 200)
    cart = told.hop("frontend", "cart", "GET /carts/{user_id}", root)
    for _ in range(2):
        told.span("cart", "HGETALL", cart, kind="client", db__system__name="redis")
    rows = waterfall(story_of(told.story())).rows
    assert [(row.service, row.depth, row.stores) for row in rows] == [
        ("frontend", 0, ""),
        ("cart", 1, "redis ×2"),
    ]


def test_many_equal_calls_are_one_row_with_many_bars() -> None:
    told = Told()
    root = told.root("GET /journal", 200)
    for number in range(24):
        told.hop("articles", "suggestions", "GET /s/{id}", root, at=(number, number + 1))
    first, second = waterfall(story_of(told.story())).rows
    assert (first.times, second.times) == (1, 24)
    assert all(bar.x >= 0 and bar.x + bar.width <= 1000 for bar in second.bars)


def test_an_n_plus_1_is_named_and_calls_side_by_side_are_not() -> None:
    for apart, note in (
        (1, "frontend asked suggestions 24 times, one after the other: an N+1."),
        (0, ""),
    ):
        told = Told()
        root = told.root("GET /journal", 200)
        for number in range(24):
            at = (number * apart, number * apart + 1)
            told.hop("frontend", "suggestions", "GET /s/{id}", root, at=at)
        assert said(told).note == note


def test_a_long_waterfall_is_cut_but_never_its_failures() -> None:
    told = Told()
    root = told.root("GET /x", 200)
    for number in range(30):
        told.hop("frontend", "gateway", f"GET /{number}", root, status=500 if number > 27 else 200)
    fall = waterfall(story_of(told.story()))
    assert len(fall.rows) == MOST
    assert fall.more == 31 - MOST
    assert sum(row.failed for row in fall.rows) == 2


def test_a_huge_trace_is_not_drawn() -> None:
    told = Told()
    root = told.root("GET /x", 200)
    for _ in range(LARGEST):
        told.span("frontend", "work", root, kind="internal")
    assert waterfall(story_of(told.story())).rows == ()


def test_a_story_is_complete_when_every_answered_call_has_its_answer() -> None:
    whole = checkout()
    assert telling(story_of(whole.story()), OUTSIDE).state == "complete"
    whole.spans = [span for span in whole.spans if span["service"] != "auth"]
    assert telling(story_of(whole.story()), OUTSIDE).state == "growing"
    assert telling(None, OUTSIDE) is WAITING


def test_a_story_without_its_root_is_told_without_a_judgement() -> None:
    told = checkout(bank=503)
    told.spans = told.spans[1:]
    growing = telling(story_of(told.story()), OUTSIDE)
    assert growing.state == "growing"
    assert growing.verdict is not None
    assert growing.verdict.tone == "good"


def test_the_systems_outside_are_among_those_touched_and_the_failed_one_is_marked() -> None:
    told = telling(story_of(checkout(bank=503).story()), OUTSIDE)
    assert [(t.name, t.failed) for t in told.touched] == [
        ("frontend", False),
        ("gateway", False),
        ("auth", False),
        ("orders", False),
        ("payment", False),
        ("bank", True),
    ]


def test_a_trace_that_is_a_circle_is_survived() -> None:
    told = Told()
    first = told.span("a", "one", "0000000000000002", failed=True)
    told.span("a", "two", first, failed=True)
    assert telling(story_of(told.story()), OUTSIDE).state == "growing"


@pytest.mark.parametrize(
    ("ns", "text"),
    [(0, "0 ms"), (400_000, "0.4 ms"), (38_000_000, "38 ms"), (1_240_000_000, "1.2 s")],
)
def test_durations_are_short(ns: int, text: str) -> None:
    assert took(ns) == text
