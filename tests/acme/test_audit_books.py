"""The audit finds what it is there to find."""

from copy import deepcopy
from typing import Any

import pytest

from acme.audit.books import Books
from acme.audit.buyers import Answers

ORDER = {"state": "shipped", "total": 3499, "buyer": {"address": {"street": "1-000001"}}}
ANSWERS = Answers(orders={"1-000001": {"a"}}, refused={"1-000002"})


def books() -> Books:
    return Books(
        orders={"a": deepcopy(ORDER), "12345": {**deepcopy(ORDER), "buyer": {"address": {}}}},
        charges={"a": {"state": "charged"}},
        shipments={"a": {}, "12345": {}},
        bank={"a": {"state": "charged", "amount": 3499}},
        carrier={"ACAUS": {"key": "a"}},
    )


def test_books_that_keep_the_promise_have_no_discrepancies() -> None:
    assert books().discrepancies(ANSWERS) == []
    assert books().unsettled(ANSWERS) == 0


def lose_order(kept: Books) -> None:
    del kept.orders["a"]


def store_twice(kept: Books) -> None:
    kept.orders["b"] = deepcopy(ORDER)
    kept.shipments["b"] = {}


def cancel(kept: Books) -> None:
    kept.orders["a"]["state"] = "cancelled"


def charge_nothing(kept: Books) -> None:
    kept.bank.clear()
    kept.charges.clear()


def charge_too_much(kept: Books) -> None:
    kept.bank["a"]["amount"] = 2 * 3499


def charge_without_order(kept: Books) -> None:
    kept.bank["b"] = {"state": "charged", "amount": 1}
    kept.charges["b"] = {"state": "charged"}


def forget_the_charge(kept: Books) -> None:
    kept.charges["a"]["state"] = "voided"


def lose_shipment(kept: Books) -> None:
    del kept.shipments["a"]


def ship_without_order(kept: Books) -> None:
    kept.shipments["b"] = {}


def send_two_parcels(kept: Books) -> None:
    kept.carrier["ACAUS2"] = {"key": "a"}


def store_what_was_refused(kept: Books) -> None:
    refused: dict[str, Any] = {**ORDER, "buyer": {"address": {"street": "1-000002"}}}
    kept.orders["c"] = refused
    kept.shipments["c"] = {}


@pytest.mark.parametrize(
    ("breaking", "finding"),
    [
        (lose_order, "1-000001: acknowledged as ['a'], stored as None"),
        (store_twice, "1-000001: acknowledged as ['a'], stored as"),
        (cancel, "order a: charged, but there is no such order"),
        (charge_nothing, "order a: the bank charged 0 cents"),
        (charge_too_much, "order a: the bank charged 6998 cents"),
        (charge_without_order, "order b: charged, but there is no such order"),
        (forget_the_charge, "order a: the ledger and the bank do not agree"),
        (lose_shipment, "order a: not shipped"),
        (ship_without_order, "order b: shipped, but there is no such order"),
        (send_two_parcels, "order a: the carrier has 2 parcels"),
        (store_what_was_refused, "1-000002: refused, but stored"),
    ],
)
def test_a_broken_promise_is_found(breaking: Any, finding: str) -> None:
    kept = books()

    breaking(kept)

    assert any(sentence.startswith(finding) for sentence in kept.discrepancies(ANSWERS))


@pytest.mark.parametrize("state", ["reserved", "cancelling"])
def test_an_order_that_is_half_done_is_waited_for(state: str) -> None:
    kept = books()
    kept.orders["d"] = {**ORDER, "state": state}

    assert kept.unsettled(ANSWERS) == 1


def test_an_order_that_is_not_shipped_yet_is_waited_for() -> None:
    kept = books()
    kept.shipments.clear()

    assert kept.unsettled(ANSWERS) == 2
