"""The forms of the shop as they were filled in: what is wrong, what is kept, what is sent on."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from services.frontend.domain.fields import CHECKOUT, REGISTER, Field

Values = Mapping[str, str]
SECRET = {field.name for field in (*REGISTER, *CHECKOUT) if field.secret}
KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")


def mistakes(fields: Sequence[Field], values: Values) -> dict[str, str]:
    """What is wrong with each field, by its name."""
    told = {field.name: field.wrong(values.get(field.name, "")) for field in fields}
    return {name: sentence for name, sentence in told.items() if sentence}


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
    told = ("firstname", "lastname", "email", "delivery")
    agreed = {"total": values["total"]} if values.get("total") else {}
    return {
        **{name: values[name] for name in told},
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
