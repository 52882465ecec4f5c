"""What the findings explain of a trace: each rule where it holds, and silence where it does not."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.traces.corpus import stored
from tests.traces.made import MS, T0, TRACE_ID, Made, checkout, order_status
from traces.findings import ALONE, MEANINGS, Finding, Surroundings, findings
from traces.model import Kind, Link, Span, Trace
from traces.usual import usual


def found(made: Made, around: Surroundings = ALONE) -> dict[str, Finding]:
    return {one.kind: one for one in findings(made.trace(), around)}


def said(made: Made, kind: str, around: Surroundings = ALONE) -> str:
    return found(made, around)[kind].sentence


def services(made: Made, kind: str) -> Sequence[str]:
    return [span.service for span in found(made)[kind].spans]


def test_an_error_leads_from_its_cause_to_all_that_passed_it_on() -> None:
    assert said(checkout(bank=503), "error") == (
        "It began where payment called bank: POST /v1/charges answered 503 after 212 ms; "
        "orders, gateway and frontend passed it on."
    )
    assert services(checkout(bank=503), "error")[0] == "payment"
    assert services(checkout(bank=503), "error")[-1] == "frontend"


def test_who_went_on_without_an_answer_is_named() -> None:
    handled = found(order_status(carrier=503))["handled"]

    assert handled.sentence == (
        "orders went on although shipping's carrier failed: GET /v1/tracking/{tracking} answered "
        "503 after 12 ms; GET /order/{order_id} went well."
    )
    assert [span.service for span in handled.spans] == ["shipping", "orders"]
    assert handled.meaning.weight == "notice"


def test_who_tried_again_is_named() -> None:
    made = Made()
    root = made.root("POST /checkout", 303)
    made.hop("frontend", "payment", "POST /charges", root, status=503, at=(1, 3))
    made.hop("frontend", "payment", "POST /charges", root, at=(5, 9))

    assert said(made, "retried") == (
        "frontend called payment again: POST /charges answered 503 after 2 ms, and a later try "
        "went well."
    )
    assert "handled" not in found(made)


def test_a_call_without_its_callee_has_lost_its_context_if_the_callee_sends_spans() -> None:
    made = Made()
    root = made.root("GET /orders", 200, at=(0, 40))
    made.call("frontend", "shipping", "GET /status", root, status=200, at=(5, 30))

    assert "context_lost" not in found(made)  # as far as this trace tells, shipping is outside
    assert said(made, "context_lost", Surroundings(frozenset({"shipping"}))) == (
        "frontend called shipping, which answered 200 but has no span here (GET /status): "
        "the trace context did not get through."
    )


@pytest.mark.parametrize("status", [404, 503])
def test_what_answered_with_a_failure_may_have_been_in_between(status: int) -> None:
    made = Made()
    root = made.root("GET /orders", 200, at=(0, 40))
    made.call("frontend", "shipping", "GET /status", root, status=status, failed=True)

    assert "context_lost" not in found(made, Surroundings(frozenset({"shipping"})))


def test_spans_that_are_still_coming_are_no_lost_context() -> None:
    made = Made()
    root = made.root("GET /orders", 200, at=(0, 40))
    made.call("frontend", "shipping", "GET /status", root, status=200)
    around = Surroundings(frozenset({"shipping"}))

    def kinds(later_ns: int) -> set[str]:
        trace = replace(made.trace(), read_ns=T0 + later_ns)
        return {one.kind for one in findings(trace, around)}

    assert "context_lost" not in kinds(2_000 * MS)
    assert "context_lost" in kinds(20_000 * MS)


def many(step: float, count: int = 12) -> Made:
    made = Made()
    root = made.root("GET /journal", 200, at=(0, 200))
    for number in range(count):
        at = (number * step, number * step + 8)
        made.hop("frontend", "suggestions", "GET /s/{id}", root, at=at)
    return made


def test_many_calls_one_after_the_other_are_an_n_plus_1() -> None:
    assert len(found(many(step=10))["n_plus_one"].spans) == 12
    assert "fan_out" not in found(many(step=10))


def test_many_calls_at_the_same_time_are_a_fan_out_and_no_problem() -> None:
    fan_out = found(many(step=1))["fan_out"]

    assert fan_out.sentence == (
        "frontend called suggestions 12 times at once (GET /s/{id}), in 19 ms together: "
        "a parallel fan-out."
    )
    assert fan_out.meaning.weight == "fact"
    assert "n_plus_one" not in found(many(step=1))


def test_slow_calls_of_several_services_one_after_the_other_are_in_lock_step() -> None:
    made = Made()
    root = made.root("GET /", 200, at=(0, 420))
    for number, callee in enumerate(("catalog", "articles", "suggestions")):
        at = (10 + number * 130, 130 + number * 130)
        made.hop("frontend", callee, f"GET /{callee}", root, at=at)

    assert said(made, "lock_step") == (
        "frontend called catalog then articles then suggestions, one after the other, in 360 ms: "
        "if none needs the answer of another, at the same time they would take about 120 ms."
    )


def test_quick_calls_one_after_the_other_are_nobodys_concern() -> None:
    assert "lock_step" not in found(order_status())


def timed_out(callee_waits: str) -> Made:
    """orders waits for payment for a second, which needs three."""
    made = Made()
    root = made.span("orders", "POST /orders", at=(0, 1010), failed=True)
    call = made.call(
        "orders", "payment", "POST /charges", root, error="timeout", failed=True, at=(5, 1005)
    )
    payment = made.span("payment", "POST /charges", call, at=(6, 3006))
    if callee_waits:
        made.call("payment", callee_waits, "POST /v1/charges", payment, status=201, at=(10, 3000))
    return made


@pytest.mark.parametrize(
    ("callee_waits", "doing"), [("bank", "payment waiting for bank"), ("", "payment itself")]
)
def test_what_a_call_waited_for_is_said_when_it_timed_out(callee_waits: str, doing: str) -> None:
    made = timed_out(callee_waits)

    assert said(made, "waited_for").startswith("While orders waited for payment, 99")
    assert said(made, "waited_for").endswith(f" of 1 s was {doing}.")
    assert said(made, "outlived") == "payment worked on for 2 s after orders gave up."


def dripping(caller_ends: float) -> Made:
    """shipping begins its answer after 20 ms, and ends it after two seconds."""
    made = Made()
    root = made.span("orders", "GET /order", at=(0, caller_ends))
    call = made.call("orders", "shipping", "GET /status", root, status=200, at=(5, 25))
    made.span("shipping", "GET /status", call, at=(6, 2006))
    return made


def test_an_answer_that_came_slowly_while_somebody_read_it_is_named() -> None:
    assert said(dripping(2010), "slow_body") == (
        "shipping began to answer after 20 ms, and went on for 1.98 s, while orders read it: "
        "no span shows that."
    )


def test_work_after_an_answer_that_nobody_waits_for_is_no_slow_answer() -> None:
    assert "slow_body" not in found(dripping(40))


def with_gap(first: float) -> Made:
    """A request whose first query begins so many milliseconds after it."""
    made = Made()
    root = made.root("GET /products", 200, at=(0, first + 20))
    at = (first, first + 10)
    made.span("frontend", "SELECT products", root, kind="client", at=at, db__system="sqlite")
    return made


def test_a_long_stretch_without_a_span_is_a_gap() -> None:
    assert said(with_gap(400), "gap").startswith(
        "frontend: GET /products did not get to SELECT products for 400 ms, and no span says why: "
    )
    assert "gap" not in found(with_gap(40))


def test_the_pause_before_another_try_is_no_gap() -> None:
    made = Made()
    root = made.root("GET /", 200, at=(0, 520))
    made.hop("frontend", "auth", "GET /auth", root, status=503, at=(1, 3))
    made.hop("frontend", "auth", "GET /auth", root, at=(500, 510))

    assert "gap" not in found(made)
    assert "retried" in found(made)


def test_what_took_much_longer_than_usual_by_itself_is_named() -> None:
    known = usual(with_gap(first).trace() for first in (3, 4, 5, 6, 7))
    slow = found(with_gap(300), Surroundings(usual=known))

    assert slow["slower"].sentence == (
        "frontend: GET /products spent 310 ms by itself, usually 15 ms (the middle of 5 traces of "
        "this kind)."
    )
    assert "gap" not in slow  # it is the same stretch, of which more is known
    assert "slower" not in found(with_gap(8), Surroundings(usual=known))


def consumed(wait_ms: int) -> dict[str, str]:
    """A message that another trace sent, and that was handled so many milliseconds later."""
    other, sender_id = "beef" * 8, "0123456789abcdef"
    sent = Span(other, sender_id, None, "orders", "send x", Kind.PRODUCER, T0, T0 + MS)
    start = T0 + MS + wait_ms * MS
    consumer = Span(
        *(TRACE_ID, "1" * 16, None, "shipping", "process x", Kind.CONSUMER, start, start + MS),
        links=(Link(other, sender_id),),
    )
    around = Surroundings(linked={(other, sender_id): sent})
    return {one.kind: one.sentence for one in findings(Trace(TRACE_ID, (consumer,)), around)}


def test_a_message_that_waited_is_named_through_its_link() -> None:
    assert consumed(4_000)["queue"] == (
        "The message of orders waited 4 s until shipping began with process x."
    )
    assert "queue" not in consumed(40)


@pytest.mark.parametrize(
    "name", ["healthy_checkout", "link_consumer", "link_to_itself", "not_found", "login_needed"]
)
def test_nothing_alarming_is_said_of_a_healthy_trace(name: str) -> None:
    assert {one.meaning.weight for one in findings(stored(name))} <= {"fact"}


def test_every_kind_of_finding_says_why_it_matters() -> None:
    assert all(one.why.endswith(".") and one.title for one in MEANINGS.values())
