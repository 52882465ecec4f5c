"""What the forms of the shop ask for, and what each answer must look like."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """One thing asked for. What is `secret` is never written into a page again.

    `shape` is what it must look like, and `ask` the sentence that says so.
    """

    name: str
    label: str
    longest: int = 80
    shape: str = r"[^\x00-\x1f]+"
    ask: str = ""
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
            return self.ask or f"{self.label}: these characters cannot be used."
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
