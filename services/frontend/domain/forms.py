"""The forms of the shop: their fields, what is wrong with what was typed, what is kept of it,
and what is sent on.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, str]


@dataclass(frozen=True)
class Field:
    """One input. What is `secret` is never written into a page again.

    `shape` is what it must look like, and `advice` the sentence that says so.
    """

    name: str
    label: str
    longest: int = 80
    shape: str = r"[^\x00-\x1f]+"
    advice: str = ""
    kind: str = "text"
    fill: str = "off"
    demo: str = ""
    hint: str = ""
    secret: bool = False

    def wrong(self, value: str) -> str:
        """What is wrong with a value; empty when it can be used."""
        if not value:
            return f"{self.label}: please fill this in."
        if len(value) > self.longest:
            return f"{self.label}: at most {self.longest} characters, not {len(value)}."
        if not re.fullmatch(self.shape, value):
            return self.advice or f"{self.label}: these characters cannot be used."
        return ""


USERNAME = Field("username", "User name", 32, fill="username")
PASSWORD = Field("password", "Password", 128, kind="password", fill="current-password", secret=True)
FIRST = Field("firstname", "First name", fill="given-name", demo="Ada")
LAST = Field("lastname", "Last name", fill="family-name", demo="Example")
EMAIL = Field(
    "email",
    "Email",
    120,
    r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "Email: it should look like ada@example.com.",
    kind="email",
    fill="email",
    demo="ada@example.com",
)
LOGIN = (USERNAME, PASSWORD)
REGISTER = (
    FIRST,
    LAST,
    EMAIL,
    Field(
        "username",
        "User name",
        32,
        r"[A-Za-z0-9._-]{3,32}",
        "User name: 3 to 32 letters, digits, dots, dashes or underscores.",
        fill="username",
        hint="3 to 32 letters, digits, dots, dashes or underscores",
    ),
    Field(
        "password",
        "Password",
        128,
        r"(?s).{8,}",
        "Password: at least 8 characters.",
        kind="password",
        fill="new-password",
        hint="at least 8 characters",
        secret=True,
    ),
)
ADDRESS = (
    FIRST,
    LAST,
    EMAIL,
    Field("street", "Street and number", 120, fill="street-address", demo="12 Harbour Lane"),
    Field("city", "City", fill="address-level2", demo="Example Falls"),
    Field("zip", "Postal code", 20, fill="postal-code", demo="12345"),
    Field("state", "State or region", fill="address-level1", demo="CA"),
    Field("country", "Country", fill="country-name", demo="United States"),
)
DIGITS = r"[0-9 -]+"
CARD = (
    Field(
        "number",
        "Card number",
        30,
        DIGITS,
        "Card number: digits only, please.",
        fill="cc-number",
        demo="4111 1111 1111 1111",
        secret=True,
    ),
    Field(
        "expMonth",
        "Expiry month",
        2,
        r"0?[1-9]|1[0-2]",
        "Expiry month: a number from 1 to 12.",
        fill="cc-exp-month",
        demo="12",
        hint="MM",
    ),
    Field(
        "expYear",
        "Expiry year",
        4,
        r"[0-9]{4}",
        "Expiry year: four digits, as in 2031.",
        fill="cc-exp-year",
        demo="2039",
        hint="YYYY",
    ),
    Field(
        "ccv",
        "Security code",
        4,
        r"[0-9]{3,4}",
        "Security code: three or four digits.",
        fill="cc-csc",
        demo="123",
        secret=True,
    ),
)
DELIVERIES = {"UPS/FEDEX": "Parcel, 2 to 4 days", "BICYCLE": "Bicycle courier, tomorrow"}
CARDS = {name: name for name in ("Visa", "Mastercard", "American Express")}
DELIVERY = Field("delivery", "Delivery", 40, "|".join(map(re.escape, DELIVERIES)))
CARD_TYPE = Field("type", "Card", 40, "|".join(CARDS))
CHECKOUT = (*ADDRESS, DELIVERY, CARD_TYPE, *CARD)
SECRET = {field.name for field in (*REGISTER, *CHECKOUT) if field.secret}
KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")


def mistakes(fields: Sequence[Field], values: Values) -> dict[str, str]:
    """What is wrong with each field, by its name."""
    found = {field.name: field.wrong(values.get(field.name, "")) for field in fields}
    return {name: sentence for name, sentence in found.items() if sentence}


def repeatable(values: Values) -> dict[str, str]:
    """What may stand in a page again: all that was typed, but no card and no password, unless it
    is the made-up card of the demo, which is no secret.
    """
    demo = demo_of(CHECKOUT)
    return {
        name: value
        for name, value in values.items()
        if name not in SECRET or value == demo.get(name)
    }


def demo_of(fields: Sequence[Field]) -> dict[str, str]:
    """An address and a card that are plainly made up."""
    return {field.name: field.demo for field in fields if field.demo}


def order_of(values: Values) -> dict[str, Any]:
    """The order as the gateway takes it; without a `cart` it is the user's own that is ordered."""
    plain = ("firstname", "lastname", "email", "delivery")
    agreed = {"total": values["total"]} if values.get("total") else {}
    return {
        **{name: values[name] for name in plain},
        **agreed,
        "address": {name: values[name] for name in ("street", "city", "zip", "state", "country")},
        "card": {
            "type": values["type"],
            "number": re.sub("[^0-9]", "", values["number"]),
            "expMonth": values["expMonth"],
            "expYear": values["expYear"],
            "ccv": values["ccv"],
        },
        "cart": [],
    }


def quantity_of(text: str) -> int | None:
    """A quantity as typed: 0 to 99, or None."""
    return int(text) if re.fullmatch("[0-9]{1,2}", text) else None
