# ruff: noqa: E501 - sentences stand here as one reads them
"""A stored corpus of traces, and what is said of each: one place to see what a change would change.

The traces of the shop were recorded from it and have short ids and times since a fixed moment; the
others are made by hand: hidden_slow, login_needed, old_conventions, and all that are odd (missing_,
ring_, skew_, time_ and the like).
"""

from dataclasses import dataclass

import pytest

from tests.traces.corpus import NAMES, stored
from traces.critical_path import critical_path
from traces.findings import findings
from traces.verdict import verdict


@dataclass(frozen=True)
class Expected:
    """`path` are the services on the critical path, in the order in which it first reaches them."""

    tone: str
    sentence: str
    causes: tuple[str, ...]
    path: str
    findings: tuple[str, ...]


EXPECTED = {
    "auth_failure": Expected(
        tone="bad",
        sentence="GET /cart failed because auth answered 500 after 5.16 ms, so gateway gave up.",
        causes=("auth: GET /auth",),
        path="frontend > gateway > auth",
        findings=(
            "This failure is on purpose: it is the fault auth-failure.",
            "It began in auth: GET /auth answered 500 after 5.16 ms (ShopError: [acmeshop fault auth-failure] internal server error); gateway and frontend passed it on.",
            "The largest part of the time, 18.2 ms of 31.4 ms (58 %), was frontend itself.",
        ),
    ),
    "carrier_failure": Expected(
        tone="degraded",
        sentence="GET /orders/{order_id} went through, but shipping's carrier answered 503 after 578 µs.",
        causes=("shipping's carrier: GET /v1/tracking/{tracking}",),
        path="gateway > auth > orders > shipping",
        findings=(
            "This failure is on purpose: it is the fault carrier-down.",
            "orders went on although shipping's carrier failed: GET /v1/tracking/{tracking} answered 503 after 578 µs; GET /order/{order_id} went well.",
            "The largest part of the time, 19.3 ms of 27.2 ms (71 %), was orders waiting for sqlite.",
        ),
    ),
    "healthy_checkout": Expected(
        tone="good",
        sentence="POST /checkout went well: 28 spans in 7 services, 95.5 ms.",
        causes=(),
        path="frontend > gateway > auth > orders > cart > catalog > payment",
        findings=(
            "The largest part of the time, 23.8 ms of 95.5 ms (25 %), was payment waiting for bank.",
        ),
    ),
    "hidden_slow": Expected(
        tone="good",
        sentence="POST /checkout went well: 8 spans in 4 services, 2.1 s.",
        causes=(),
        path="frontend > gateway > orders > payment",
        findings=(
            "payment: POST /charges did not get to POST /v1/charges for 1.98 s, and no span says why: work of its own, or a wait for a lock, a connection or the event loop.",
            "The largest part of the time, 1.99 s of 2.1 s (95 %), was payment itself.",
        ),
    ),
    "link_consumer": Expected(
        tone="good",
        sentence="process order.placed went well: 5 spans in 1 service, 31.3 ms.",
        causes=(),
        path="shipping",
        findings=(
            "shipping: process order.placed continues another trace, see its link.",
            "The largest part of the time, 16.4 ms of 31.3 ms (52 %), was shipping waiting for carrier.",
        ),
    ),
    "login_needed": Expected(
        tone="refused",
        sentence="GET /cart needs a login: gateway answered 401 after 3 ms.",
        causes=("gateway: GET /cart/items/{user_id}",),
        path="frontend > gateway",
        findings=("The largest part of the time, 37 ms of 40 ms (92 %), was frontend itself.",),
    ),
    "missing_parent": Expected(
        tone="unknown",
        sentence="GET /orders/{order_id} went well as far as this trace tells: 5 spans in 3 services, 60 ms.",
        causes=(),
        path="gateway > auth",
        findings=(
            "1 span has a parent that never arrived: the caller of orders should have sent it.",
            "The largest part of the time, 56 ms of 60 ms (93 %), was gateway itself.",
        ),
    ),
    "missing_root": Expected(
        tone="unknown",
        sentence="The root of this trace never arrived, but payment could not be reached.",
        causes=("payment: POST /charges",),
        path="orders",
        findings=(
            "1 span has a parent that never arrived: the caller of orders should have sent it.",
            "It began where orders called payment: POST /charges could not be reached.",
            "The largest part of the time, 47 ms of 49 ms (96 %), was orders itself.",
        ),
    ),
    "n_plus_one": Expected(
        tone="good",
        sentence="GET /products went well: 28 spans in 2 services, 21.5 ms.",
        causes=(),
        path="gateway > catalog",
        findings=(
            "catalog called sqlite 25 times, one after the other (SELECT products): an N+1.",
            "The largest part of the time, 15.6 ms of 21.5 ms (73 %), was catalog waiting for sqlite.",
        ),
    ),
    "not_found": Expected(
        tone="refused",
        sentence="GET /orders/{order_id} was not found because orders answered 404 after 1.08 ms.",
        causes=("orders: GET /order/{order_id}",),
        path="gateway > auth > orders",
        findings=("The largest part of the time, 548 µs of 2.41 ms (23 %), was gateway itself.",),
    ),
    "old_conventions": Expected(
        tone="bad",
        sentence="GET /stock failed because inventory's postgresql failed after 30 ms (PSQLException: too many clients already).",
        causes=("inventory's postgresql: SELECT stock",),
        path="storefront > inventory",
        findings=(
            "It began where inventory called postgresql: SELECT stock failed after 30 ms (PSQLException: too many clients already); storefront passed it on.",
            "The largest part of the time, 30 ms of 50 ms (60 %), was inventory waiting for postgresql.",
        ),
    ),
    "retry_storm": Expected(
        tone="bad",
        sentence="POST /order/add/{userid} failed because payment's bank answered 503 after 469 µs (9 times).",
        causes=("payment's bank: POST /v1/charges (x9)",),
        path="gateway > auth > orders > catalog > payment",
        findings=(
            "This failure is on purpose: it is the fault bank-down.",
            "It began where payment called bank: POST /v1/charges answered 503 after 469 µs (9 times); orders and gateway passed it on.",
            "payment called bank 9 times: 2 layers retry at once.",
            "The largest part of the time, 9.85 ms of 46 ms (21 %), was catalog waiting for sqlite.",
        ),
    ),
    "retry_success": Expected(
        tone="degraded",
        sentence="GET /orders/{order_id} went through: auth answered 503 after 1.85 ms (2 times), but another try went well.",
        causes=("auth: GET /auth (x2)",),
        path="gateway > auth > orders > shipping",
        findings=(
            "This failure is on purpose: it is the fault auth-twice.",
            "gateway called auth again: GET /auth answered 503 after 1.85 ms (Unavailable: [acmeshop fault auth-twice] service unavailable) (2 times), and a later try went well.",
            "The largest part of the time, 217 ms of 257 ms (84 %), was gateway itself.",
        ),
    ),
    "timeout": Expected(
        tone="bad",
        sentence="GET /orders/{order_id} failed because orders did not answer within 1 s.",
        causes=("orders: GET /order/{order_id}",),
        path="gateway > auth > orders",
        findings=(
            "It began where gateway called orders: GET /order/{order_id} did not answer within 1 s.",
            "While gateway waited for orders, 997 ms of 1 s was orders itself.",
            "orders worked on for 1.02 s after gateway gave up.",
            "The largest part of the time, 997 ms of 1.01 s (99 %), was orders itself.",
        ),
    ),
    "link_to_itself": Expected(
        tone="good",
        sentence="process went well: 1 span in 1 service, 30 ms.",
        causes=(),
        path="shipping",
        findings=(),
    ),
    "missing_parents": Expected(
        tone="unknown",
        sentence="GET /cart went well as far as this trace tells: 4 spans in 3 services, 60 ms.",
        causes=(),
        path="gateway",
        findings=(
            "3 spans have a parent that never arrived: the caller of auth at 10.1.2.3, auth and cart should have sent them.",
            "The largest part of the time, 60 ms of 60 ms (100 %), was gateway itself.",
        ),
    ),
    "ring_self": Expected(
        tone="unknown",
        sentence="GET /cart went well as far as this trace tells: 3 spans in 1 service, 40 ms.",
        causes=(),
        path="gateway",
        findings=(
            "gateway: render is its own parent.",
            "The largest part of the time, 40 ms of 40 ms (100 %), was gateway itself.",
        ),
    ),
    "ring_three_tail": Expected(
        tone="unknown",
        sentence="This trace has no root, since its spans are in a ring.",
        causes=(),
        path="a > b > c",
        findings=(
            "3 spans are in a ring, each a child of the next: a: one, c: three and b: two.",
            "The largest part of the time, 15 ms of 40 ms (38 %), was a itself.",
        ),
    ),
    "several_roots": Expected(
        tone="unknown",
        sentence="GET / went well as far as this trace tells: 3 spans in 2 services, 60 ms.",
        causes=(),
        path="browser",
        findings=(
            "This trace has 2 roots, spans without a parent: browser: GET / and frontend: GET /.",
            "The largest part of the time, 60 ms of 60 ms (100 %), was browser itself.",
        ),
    ),
    "skew_ahead_ends_late": Expected(
        tone="good",
        sentence="GET /cart went well: 3 spans in 2 services, 100 ms.",
        causes=(),
        path="frontend > cart",
        findings=(
            "The clock of cart is about 40 ms ahead of that of frontend: 1 span seems too late.",
            "The largest part of the time, 76 ms of 100 ms (76 %), was cart itself.",
        ),
    ),
    "skew_behind": Expected(
        tone="unknown",
        sentence="POST /checkout went well as far as this trace tells: 4 spans in 2 services, 260 ms.",
        causes=(),
        path="frontend > payment",
        findings=(
            "The clock of payment is about 1.2 s behind that of frontend: 2 spans seem too early.",
            "The largest part of the time, 200 ms of 260 ms (77 %), was payment waiting for bank.",
        ),
    ),
    "skew_instances": Expected(
        tone="degraded",
        sentence="run went through, but parts answered 500 after 36 ms.",
        causes=("parts: POST /parts",),
        path="worker > parts",
        findings=(
            "The clock of parts on c is about 300 ms behind that of worker: 1 span seems too early.",
            "worker went on although parts failed: POST /parts answered 500 after 36 ms; run went well.",
            "The largest part of the time, 64 ms of 90 ms (71 %), was parts itself.",
        ),
    ),
    "skew_time_zone": Expected(
        tone="unknown",
        sentence="GET /orders went well as far as this trace tells: 5 spans in 3 services, 80 ms.",
        causes=(),
        path="gateway > orders > catalog",
        findings=(
            "The clocks of orders and catalog are about 2 h ahead of that of gateway: 3 spans seem too late, as if a local time were written as UTC.",
            "The largest part of the time, 30 ms of 80 ms (38 %), was catalog itself.",
        ),
    ),
    "time_end_first": Expected(
        tone="unknown",
        sentence="GET /cart went well as far as this trace tells: 2 spans in 1 service, 40 ms.",
        causes=(),
        path="gateway",
        findings=(
            "gateway: render ends 12 ms before it starts.",
            "The largest part of the time, 40 ms of 40 ms (100 %), was gateway itself.",
        ),
    ),
    "time_end_unit": Expected(
        tone="unknown",
        sentence="GET /cart went well as far as this trace tells: 2 spans in 1 service, 40 ms.",
        causes=(),
        path="gateway",
        findings=(
            "gateway: render ends in 1970, before it starts: its end looks like milliseconds.",
            "The largest part of the time, 40 ms of 40 ms (100 %), was gateway itself.",
        ),
    ),
    "time_future": Expected(
        tone="unknown",
        sentence="GET /cart went well as far as this trace tells: 1 span in 1 service, 40 ms.",
        causes=(),
        path="gateway",
        findings=("gateway: GET /cart starts in the future, on 2087-04-01 (UTC).",),
    ),
    "time_microseconds": Expected(
        tone="unknown",
        sentence="run went well as far as this trace tells: 1 span in 1 service.",
        causes=(),
        path="batch",
        findings=("batch: run starts in 1970: its times look like microseconds.",),
    ),
    "time_milliseconds": Expected(
        tone="unknown",
        sentence="GET /cart went well as far as this trace tells: 4 spans in 2 services, 40 ms.",
        causes=(),
        path="gateway",
        findings=(
            "2 spans of cart start in 1970: their times look like milliseconds.",
            "The largest part of the time, 30 ms of 40 ms (75 %), was gateway waiting for cart.",
        ),
    ),
    "time_no_end": Expected(
        tone="unknown",
        sentence="GET /cart went well as far as this trace tells: 2 spans in 1 service.",
        causes=(),
        path="",
        findings=("gateway: GET /cart has no end.",),
    ),
    "time_several_days": Expected(
        tone="good",
        sentence="order went well: 2 spans in 1 service, 3 days 2 h.",
        causes=(),
        path="workflow",
        findings=(
            "workflow: wait for stock called nobody for 3 days, and no span says why: work of its own, or a wait for a lock, a connection or the event loop.",
            "This trace lasts 3 days 2 h, from 2026-11-18 to 2026-11-21 (UTC).",
            "The largest part of the time, 3 days 2 h of 3 days 2 h (100 %), was workflow itself.",
        ),
    ),
    "time_unset_clock": Expected(
        tone="unknown",
        sentence="GET /sensors went well as far as this trace tells: 3 spans in 2 services, 40 ms.",
        causes=(),
        path="hub",
        findings=(
            "sensor: GET /t starts in 1970: the clock of its host was not set.",
            "The largest part of the time, 30 ms of 40 ms (75 %), was hub waiting for sensor.",
        ),
    ),
}


def test_every_stored_trace_has_its_expectation() -> None:
    assert sorted(EXPECTED) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_trace_is_explained_as_before(name: str) -> None:
    trace = stored(name)
    judged = verdict(trace)
    services = (segment.span.service for segment in critical_path(trace))
    found = Expected(
        tone=judged.tone,
        sentence=judged.sentence,
        causes=tuple(
            f"{cause.who}: {cause.span.name}" + (f" (x{cause.times})" if cause.times > 1 else "")
            for cause in judged.causes
        ),
        path=" > ".join(dict.fromkeys(services)),
        findings=tuple(finding.sentence for finding in findings(trace)),
    )
    assert found == EXPECTED[name]
