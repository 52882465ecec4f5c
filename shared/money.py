"""Money: whole cents inside, dollars as JSON numbers at the edge."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from shared.errors import BadRequest

Cents = int
MOST = 100_000_000
LONGEST = 25  # as text; no float is longer


def cents(dollars: str | float) -> Cents:
    """34.99, "34.99" or 34 dollars in cents; raises BadRequest for what is no amount of money,
    without repeating it: it may be anything that was typed into the wrong field.
    """
    try:
        amount = Decimal(str(dollars).strip()[:LONGEST])
    except InvalidOperation:
        raise BadRequest("an amount of money is wanted, like 34.99") from None
    if not amount.is_finite() or not 0 <= amount * 100 <= MOST:
        raise BadRequest(f"an amount of money from 0 to {MOST // 100} dollars is wanted")
    return int((amount * 100).to_integral_value(ROUND_HALF_UP))


def dollars(amount: Cents) -> float | int:
    """3499 cents are 34.99; whole dollars are a whole number."""
    return amount // 100 if amount % 100 == 0 else amount / 100
