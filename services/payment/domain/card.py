"""Which cards are taken. What is refused is told without a digit of the card."""

import re
from dataclasses import dataclass, field
from datetime import date

from shared.errors import PaymentRequired

NUMBER, CODE = re.compile(r"[0-9]{12,19}"), re.compile(r"[0-9]{3,4}|")
YEAR, MONTH = re.compile(r"(?:20)?([0-9]{2})"), re.compile(r"0?[1-9]|1[0-2]")


@dataclass(frozen=True)
class Card:
    """A card as the buyer typed it. It is held while it is charged, and never kept; its repr has
    nothing of it.
    """

    number: str = field(repr=False)
    month: str = field(repr=False)
    year: str = field(repr=False)
    code: str = field(repr=False, default="")

    def accepted(self, today: date, *, also_expired: bool = False) -> "Card":
        """The card in plain digits; raises PaymentRequired when it cannot be charged."""
        number = re.sub(r"[\s-]", "", self.number)
        month, year, code = self.month.strip(), self.year.strip(), self.code.strip()
        if not NUMBER.fullmatch(number):
            raise PaymentRequired("a card number has 12 to 19 digits, and this one has not")
        if not CODE.fullmatch(code):
            raise PaymentRequired("a card's security code has 3 or 4 digits, and this one has not")
        if not MONTH.fullmatch(month) or not (short := YEAR.fullmatch(year)):
            raise PaymentRequired("a card expires in a month like 08 of a year like 2031")
        year = f"20{short[1]}"
        # A card is good until its month is over.
        if (int(year), int(month)) < (today.year, today.month) and not also_expired:
            raise PaymentRequired("this card has expired")
        return Card(number, f"{int(month):02}", year, code)
