# ruff: noqa: E501 - sentences stand here as one reads them
"""A stored corpus of traces, and what is said of each: one place to see what a change would change.

The traces of the shop were recorded from it and have short ids and times since a fixed moment; the
others are made by hand: hidden_slow, login_needed, missing_parent, missing_root, old_conventions.
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
        findings=("The largest part of the time, 1.99 s of 2.1 s (95 %), was payment itself.",),
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
        tone="good",
        sentence="GET /orders/{order_id} went well: 5 spans in 3 services, 60 ms.",
        causes=(),
        path="gateway > auth",
        findings=(
            "1 span has a parent that has not arrived.",
            "The largest part of the time, 56 ms of 60 ms (93 %), was gateway itself.",
        ),
    ),
    "missing_root": Expected(
        tone="unknown",
        sentence="The root of this trace has not arrived yet, but payment could not be reached.",
        causes=("payment: POST /charges",),
        path="orders",
        findings=(
            "1 span has a parent that has not arrived.",
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
            "The largest part of the time, 217 ms of 257 ms (84 %), was gateway itself.",
        ),
    ),
    "timeout": Expected(
        tone="bad",
        sentence="GET /orders/{order_id} failed because orders did not answer within 1 s.",
        causes=("orders: GET /order/{order_id}",),
        path="gateway > auth > orders",
        findings=(
            "orders worked on for 1.02 s after gateway gave up.",
            "The largest part of the time, 997 ms of 1.01 s (99 %), was orders itself.",
        ),
    ),
}


def test_every_stored_trace_has_its_expectation() -> None:
    assert sorted(EXPECTED) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_trace_is_explained_as_before(name: str) -> None:
    trace = stored(name)
    judged = verdict(trace)
    services = (trace.by_id[segment.span_id].service for segment in critical_path(trace))
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
