from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import BadRequest
from shared.money import MOST, cents, dollars


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("34.99", 3499),
        (34.99, 3499),
        (34, 3400),
        (" 4 ", 400),
        ("0", 0),
        (0.005, 1),
        ("1e3", 100_000),
    ],
)
def test_dollars_may_come_as_numbers_or_as_text(value: str | float, amount: int) -> None:
    assert cents(value) == amount


@pytest.mark.parametrize(
    "value", ["", "free", "nan", "inf", "-1", "1e30", "9" * 40, float("nan"), float("inf"), -0.01]
)
def test_what_is_no_amount_of_money_is_a_bad_request(value: str | float) -> None:
    with pytest.raises(BadRequest):
        cents(value)


@given(st.integers(0, MOST))
def test_cents_survive_the_way_through_dollars(amount: int) -> None:
    assert cents(dollars(amount)) == cents(str(dollars(amount))) == amount


@given(st.text())
def test_any_text_is_an_amount_or_a_bad_request(text: str) -> None:
    with suppress(BadRequest):
        assert 0 <= cents(text) <= MOST


def test_what_was_typed_is_not_repeated() -> None:
    with pytest.raises(BadRequest) as caught:
        cents("4111111111111111")

    assert "4111" not in str(caught.value)
