"""What happened to a trace, in one sentence."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.traces.made import Made, checkout, order_status
from traces.causes import root_causes
from traces.findings import findings
from traces.layout.hops import hops
from traces.model import Event
from traces.verdict import Verdict, verdict


def judged(made: Made) -> Verdict:
    return verdict(made.trace())


def sentence(made: Made) -> str:
    return judged(made).sentence


def kinds(made: Made) -> dict[str, str]:
    """The sentence of each kind of finding."""
    return {finding.kind: finding.sentence for finding in findings(made.trace())}


def test_a_trace_that_went_well_is_counted() -> None:
    verdict = judged(order_status())
    assert verdict.tone == "good"
    assert verdict.sentence == ("GET /orders/{order_id} went well: 10 spans in 5 services, 40 ms.")


def test_a_failed_checkout_names_the_bank_that_broke_it() -> None:
    verdict = judged(checkout(bank=503))
    assert verdict.tone == "bad"
    assert verdict.sentence == (
        "POST /checkout failed because payment's bank answered 503 after 212 ms."
    )
    [cause] = verdict.causes
    assert (cause.who, cause.span.name, cause.times) == ("payment's bank", "POST /v1/charges", 1)


def test_a_service_that_fails_by_itself_leaves_its_caller_without_an_answer() -> None:
    assert sentence(order_status(auth=500)) == (
        "GET /orders/{order_id} failed because auth answered 500 after 2 ms, so gateway gave up."
    )


def test_a_failure_below_a_success_is_a_degraded_answer() -> None:
    verdict = judged(order_status(carrier=503))
    assert verdict.tone == "degraded"
    assert verdict.sentence == (
        "GET /orders/{order_id} went through, but shipping's carrier answered 503 after 12 ms."
    )


def test_a_refused_card_is_no_failure() -> None:
    verdict = judged(checkout(bank=402))
    assert verdict.tone == "refused"
    assert verdict.sentence == (
        "POST /checkout was refused because payment's bank answered 402 after 212 ms."
    )


def test_a_refusal_began_at_the_one_who_refused() -> None:
    made = Made()
    root = made.root("GET /products/{product_id}", 404)
    gateway = made.hop("frontend", "gateway", "GET /products/{id}", root, status=404)
    made.hop("gateway", "catalog", "GET /products/{id}", gateway, status=404, at=(2, 5))
    assert sentence(made) == (
        "GET /products/{product_id} was not found because catalog answered 404 after 3 ms."
    )
    rows = hops(made.trace()).rows
    assert [(row.service, row.cause) for row in rows] == [
        ("frontend", False),
        ("gateway", False),
        ("catalog", True),
    ]


def test_who_must_log_in_is_refused_and_not_failed() -> None:
    made = Made()
    root = made.root("GET /cart", 303)
    made.hop("frontend", "gateway", "GET /cart", root, status=401, at=(2, 5))
    verdict = judged(made)
    assert verdict.tone == "refused"
    assert verdict.sentence == "GET /cart needs a login: gateway answered 401 after 3 ms."


def test_a_call_that_was_made_again_and_went_well_says_so() -> None:
    made = Made()
    root = made.root("POST /checkout", 303)
    orders = made.hop("frontend", "gateway", "POST /order/add/{user_id}", root)
    made.hop("gateway", "payment", "POST /charges", orders, status=503, at=(1, 3))
    made.hop("gateway", "payment", "POST /charges", orders, at=(5, 9))
    assert sentence(made) == (
        "POST /checkout went through: payment answered 503 after 2 ms, but another try went well."
    )


@pytest.mark.parametrize(
    ("error", "how"),
    [
        ("timeout", "did not answer within 5 s"),
        ("httpx.ReadTimeout", "did not answer within 5 s"),
        ("ConnectError", "could not be reached"),
        ("DEADLINE_EXCEEDED", "did not answer within 5 s"),
        ("UNAVAILABLE", "could not be reached"),
        ("breaker_open", "was not called, since it kept failing"),
        ("ReadError", "failed after 5 s (ReadError)"),
    ],
)
def test_a_service_that_does_not_answer_is_named(error: str, how: str) -> None:
    made = Made()
    root = made.root("GET /orders", 503)
    gateway = made.hop("frontend", "gateway", "GET /order/{user_id}", root, status=503)
    made.call("gateway", "orders", "GET /o", gateway, error=error, failed=True, at=(0, 5000))
    assert sentence(made) == f"GET /orders failed because orders {how}."


def test_a_store_that_fails_is_named_with_its_service() -> None:
    made = Made()
    root = made.root("GET /cart", 503)
    known: dict[str, Any] = {"db__system__name": "redis", "error__type": "BusyError"}
    made.span("cart", "HGETALL", root, kind="client", failed=True, at=(0, 2), **known)
    assert sentence(made) == (
        "GET /cart failed because cart's redis failed after 2 ms (BusyError)."
    )


def test_a_root_that_failed_by_itself_says_that_it_called_nobody() -> None:
    made = Made()
    made.root("GET /", 503, at=(0, 1))
    assert judged(made).tone == "bad"
    assert sentence(made) == (
        "GET / failed: frontend itself answered 503 after 1 ms, without calling anyone."
    )


def test_a_refused_form_says_that_nobody_was_called() -> None:
    made = Made()
    made.root("POST /cart/items", 403, at=(0, 1))
    assert sentence(made) == (
        "POST /cart/items was refused: frontend answered 403 after 1 ms, without calling anyone."
    )


def test_an_exception_is_the_reason_of_a_span_without_an_answer() -> None:
    made = Made()
    root = made.span("worker", "run", kind="internal", at=(0, 9))
    raised = Event(0, "exception", {"exception.type": "ValueError", "exception.message": "no"})
    made.span("worker", "step", root, kind="internal", failed=True, at=(1, 2), events=(raised,))
    assert sentence(made) == "run went through, but worker failed after 1 ms (ValueError: no)."


def test_causes_that_are_alike_are_counted() -> None:
    made = Made()
    root = made.root("GET /journal", 200)
    for number in range(3):
        made.hop("frontend", "suggestions", "GET /s", root, status=503, at=(number, number + 1))
    made.hop("frontend", "articles", "GET /a", root, status=500)
    assert "(3 times), and 1 other span failed as well" in sentence(made)
    assert [(cause.who, cause.times) for cause in judged(made).causes] == [
        ("articles", 1),
        ("suggestions", 3),
    ] or [cause.times for cause in judged(made).causes] == [3, 1]


def test_a_call_that_timed_out_failed_by_itself_whatever_failed_below_it() -> None:
    made = Made()
    root = made.root("GET /orders", 504, at=(0, 1000))
    call = made.call(
        "frontend", "orders", "GET /o", root, error="timeout", failed=True, at=(0, 900)
    )
    orders = made.span("orders", "GET /o", call, at=(1, 3000))
    made.call("orders", "carrier", "GET /t", orders, status=503, failed=True, at=(5, 17))
    assert [cause.span_id for cause in root_causes(made.trace())] == [call, made.spans[-1].span_id]
    assert sentence(made).startswith("GET /orders failed because orders did not answer within 900")
    assert kinds(made)["outlived"] == "orders worked on for 2.1 s after frontend gave up."


def test_a_span_that_failed_because_its_child_did_is_no_cause() -> None:
    made = Made()
    root = made.span("worker", "run", kind="internal", failed=True, at=(0, 9))
    step = made.span("worker", "step", root, kind="internal", failed=True, at=(1, 8))
    deepest = made.span("worker", "read", step, kind="internal", failed=True, at=(2, 3))
    assert [cause.span_id for cause in root_causes(made.trace())] == [deepest]


def test_an_injected_fault_is_named() -> None:
    made = Made()
    made.root("GET /", 503, acmeshop__fault__id="frontend-failure")
    assert kinds(made)["injected"] == (
        "This failure is on purpose: it is the fault frontend-failure."
    )


def test_an_n_plus_1_is_named_and_calls_side_by_side_are_not() -> None:
    for step, found in ((1, True), (0, False)):
        made = Made()
        root = made.root("GET /journal", 200)
        for number in range(24):
            at = (number * step, number * step + 1)
            made.hop("frontend", "suggestions", "GET /s/{id}", root, at=at)
        assert ("n_plus_one" in kinds(made)) is found
        if found:
            assert kinds(made)["n_plus_one"] == (
                "frontend called suggestions 24 times, one after the other (GET /s/{id}): an N+1."
            )


def test_the_largest_part_of_the_time_is_named_with_who_spent_it() -> None:
    made = Made()
    root = made.root("POST /checkout", 303, at=(0, 260))
    payment = made.hop("frontend", "payment", "POST /charges", root, at=(10, 240))
    made.call("payment", "bank", "POST /v1/charges", payment, status=201, at=(20, 232))
    assert kinds(made)["time"] == (
        "The largest part of the time, 212 ms of 260 ms (82 %), was payment waiting for bank."
    )


@settings(deadline=None)
@given(st.integers(1, 25), st.randoms(use_true_random=False))
def test_any_trace_has_a_verdict_and_findings(count: int, draw: random.Random) -> None:
    made = Made()
    for _ in range(count):
        parent = draw.choice([None, f"{draw.randint(1, 30):016x}"])
        start = draw.uniform(0, 50)
        made.span(
            draw.choice("ab"),
            "work",
            parent,
            kind=draw.choice(["client", "server", "internal", "producer", "consumer"]),
            at=(start, start + draw.uniform(-5, 50)),
            failed=draw.random() < 0.4,
            http__response__status_code=draw.choice([None, 200, "404", 503]),
        )
    trace = made.trace()
    assert verdict(trace).sentence.endswith(".")
    assert all(finding.sentence.endswith(".") for finding in findings(trace))
    assert bool(root_causes(trace)) is any(span.failed for span in trace.spans)
    drawn = hops(trace)
    assert all(0 <= bar.x <= bar.x + bar.width <= 1000 for row in drawn.rows for bar in row.bars)


def test_an_answer_that_its_caller_could_not_use_is_no_success() -> None:
    made = Made()
    root = made.root("GET /cart/{user_id}", 502)
    made.call(
        "frontend",
        "catalog",
        "GET /products",
        root,
        status=200,
        failed=True,
        error="invalid_response",
    )

    assert "catalog answered 200 after 10 ms, but unusably (invalid_response)" in sentence(made)
