"""The rules of an order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.orders.domain import (
    CANCELLED,
    CANCELLING,
    PLACED,
    RESERVED,
    SEEDED,
    Buyer,
    Line,
    Order,
    fingerprint_of,
    joined,
    order_id,
    priced,
    status_without_shipping,
    total_of,
    why_not,
)
from services.orders.routes import answer
from shared.errors import BadRequest, Conflict, PaymentRequired

KETTLE, FILTER = Line("kettle", "Kettle", 1, 34_99), Line("filter", "Filter", 2, 5_00)
ORDER = Order("abc", "ann", PLACED, 44_99, (KETTLE, FILTER), Buyer("Ann"), "f", "2026-01-01", 5.0)


@given(st.text(), st.text(min_size=1))
def test_the_same_submission_has_the_same_id_and_it_is_nobody_elses(user: str, key: str) -> None:
    id_ = order_id(user, key)

    assert id_ == order_id(user, key)
    assert id_ not in {order_id(user, key + "x"), order_id(user + "x", key)}
    assert len(id_) == 16
    assert id_ not in {order.id for order in SEEDED}


def test_an_order_is_kept_whole() -> None:
    assert Order.of(ORDER.document()) == ORDER


def test_two_lines_of_one_thing_become_one() -> None:
    assert joined([KETTLE, FILTER, KETTLE]) == (Line("kettle", "Kettle", 2, 34_99), FILTER)


@pytest.mark.parametrize(
    ("lines", "detail"),
    [
        ([], "an empty cart cannot be ordered"),
        ([Line("kettle", "", 0)], "0 of kettle: 1 to 99 can be ordered at once"),
        (
            [Line("kettle", "", 60), Line("kettle", "", 40)],
            "100 of kettle: 1 to 99 can be ordered at once",
        ),
        (
            [Line(str(n), "", 1) for n in range(101)],
            "101 different things: at most 100 fit into one order",
        ),
    ],
)
def test_nothing_and_too_much_cannot_be_ordered(lines: list[Line], detail: str) -> None:
    with pytest.raises(BadRequest) as raised:
        joined(lines)

    assert str(raised.value) == detail


def test_the_price_is_the_catalogs_where_it_knows_one() -> None:
    lines = priced([KETTLE, FILTER], {"kettle": 40_00})

    assert [line.price for line in lines] == [40_00, 5_00]


@given(st.integers(1, 99), st.integers(1, 100_000), st.integers(0, 20_000_000))
def test_nobody_pays_more_than_was_agreed_to(quantity: int, price: int, agreed: int) -> None:
    line = Line("kettle", "", quantity, price)
    try:
        total = total_of([line], agreed)
    except Conflict:
        assert quantity * price > agreed
    else:
        assert total == quantity * price <= agreed


def test_a_total_that_rose_is_refused_in_dollars() -> None:
    with pytest.raises(Conflict, match=r"costs 44\.99 dollars now, which is more than the 40 "):
        total_of([KETTLE, FILTER], 40_00)


@pytest.mark.parametrize("price", [None, 0])
def test_what_has_no_price_cannot_be_ordered(price: int | None) -> None:
    with pytest.raises(BadRequest):
        total_of([Line("thing", "", 1, price)], None)


def test_a_refused_order_is_answered_in_the_same_way_each_time() -> None:
    refused = Order("abc", "ann", CANCELLED, 1, reason="this card has expired", refused=True)
    given_up = Order("abc", "ann", CANCELLED, 1, reason="it was never paid")

    assert isinstance(why_not(refused), PaymentRequired)
    assert str(why_not(refused)) == "this card has expired"
    assert isinstance(why_not(given_up), Conflict)


def test_another_submission_has_another_fingerprint() -> None:
    first = fingerprint_of([KETTLE], 34_99, Buyer("Ann"))

    assert first == fingerprint_of([KETTLE], 34_99, Buyer("Ann"))
    assert first != fingerprint_of([FILTER], 34_99, Buyer("Ann"))
    assert first != fingerprint_of([KETTLE], None, Buyer("Ann"))
    assert first != fingerprint_of([KETTLE], 34_99, Buyer("Bob"))


def test_an_order_is_due_later_the_more_often_it_was_announced_in_vain() -> None:
    announced = Order("abc", "ann", PLACED, 1, touched_at=100, announced=3)

    assert ORDER.is_due(10.0, wait=5)
    assert not ORDER.is_due(9.9, wait=5)
    assert announced.is_due(140.0, wait=5)
    assert not announced.is_due(139.9, wait=5)


@pytest.mark.parametrize(
    ("state", "status"),
    [(RESERVED, "processing"), (CANCELLING, "cancelled"), (CANCELLED, "cancelled"), (PLACED, None)],
)
def test_only_of_placed_orders_shipping_knows_more(state: str, status: str | None) -> None:
    assert status_without_shipping(Order("abc", "ann", state, 1)) == status


def test_an_order_is_answered_in_dollars() -> None:
    body = answer(ORDER, "shipped").model_dump(mode="json")

    assert body["totalPrice"] == 44.99
    assert body["items"][1] == {
        "id": "filter",
        "description": "Filter",
        "quantity": 2,
        "price": 5,
    }
