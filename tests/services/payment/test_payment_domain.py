"""Which cards are taken."""

import re
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.payment.domain import DECLINED, VOIDED, VOIDING, Card, Entry, checked, paid
from shared.errors import Conflict, PaymentRequired

TODAY = date(2026, 8, 15)
NUMBER = "4111 1111-1111 1111"


@pytest.mark.parametrize(
    ("month", "year"), [("8", "26"), ("08", "2026"), (" 12 ", "2031"), ("1", "27")]
)
def test_a_card_is_good_until_its_month_is_over(month: str, year: str) -> None:
    assert Card(NUMBER, month, year, "123").accepted(TODAY).number == "4111111111111111"


@pytest.mark.parametrize(("month", "year"), [("7", "26"), ("12", "25"), ("12", "2001")])
def test_an_expired_card_is_refused_unless_old_ones_are_taken(month: str, year: str) -> None:
    card = Card(NUMBER, month, year)

    with pytest.raises(PaymentRequired, match="this card has expired"):
        card.accepted(TODAY)
    assert card.accepted(TODAY, also_expired=True).year == f"20{year[-2:]}"


def test_dates_are_passed_on_in_one_form() -> None:
    card = Card(NUMBER, "8", "31", "").accepted(TODAY)

    assert (card.month, card.year) == ("08", "2031")


@pytest.mark.parametrize(
    "card",
    [
        Card("4" * 11, "8", "31"),
        Card("4" * 20, "8", "31"),
        Card("4111x11111111111", "8", "31"),
        Card("٤" * 16, "8", "31"),  # digits, but not those of a card
        Card(NUMBER, "0", "31"),
        Card(NUMBER, "13", "31"),
        Card(NUMBER, "", ""),
        Card(NUMBER, "8", "1999"),
        Card(NUMBER, "8", "31", "12"),
        Card(NUMBER, "8", "31", "12345"),
    ],
    ids=str,
)
def test_what_is_no_card_is_refused(card: Card) -> None:
    with pytest.raises(PaymentRequired):
        card.accepted(TODAY)


@given(st.text(max_size=25), st.text(max_size=5), st.text(max_size=6), st.text(max_size=6))
def test_a_refusal_reveals_nothing_of_the_card(
    number: str, month: str, year: str, code: str
) -> None:
    try:
        Card(number, month, year, code).accepted(TODAY)
    except PaymentRequired as refusal:
        digits = re.sub(r"12 to 19|3 or 4|08 of a year like 2031", "", str(refusal))
        assert not re.search(r"\d", digits)
    else:
        assume(False)


def test_a_card_does_not_show_itself() -> None:
    assert repr(Card(NUMBER, "8", "31", "987")) == "Card()"


def test_a_declined_payment_stays_declined_and_a_voided_one_can_never_be_made() -> None:
    with pytest.raises(PaymentRequired, match="declined"):
        paid(Entry("abc", DECLINED, 0, reason="the bank declined this card"))
    for state in (VOIDING, VOIDED):
        with pytest.raises(Conflict, match="order abc was voided"):
            paid(checked(Entry("abc", state, 0), 5))


def test_an_order_has_one_price() -> None:
    with pytest.raises(Conflict, match=r"was to pay 44\.99 dollars"):
        checked(Entry("abc", DECLINED, 0, amount=44_99), 45_00)
