"""A click: what a browser asks for when a link is followed or a form is sent off."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

WITH_ID = re.compile(r"^(/products|/journal|/orders|/cart/items)/[^/]+")


@dataclass(frozen=True)
class Click:
    """`address` is a path with its query; `fields` are those of a form that is posted. `led` is
    true where nobody clicked: an answer told the browser to look there.
    """

    method: str
    address: str
    fields: Mapping[str, str] = field(default_factory=dict)
    led: bool = False

    @property
    def route(self) -> str:
        """The path without ids, as the shop names its own spans: `/products/{id}`."""
        return WITH_ID.sub(r"\1/{id}", self.address.partition("?")[0])

    @property
    def name(self) -> str:
        return f"{self.method} {self.route}"


def typed(address: str) -> Click:
    """The address is typed, no link is followed."""
    return Click("GET", address)


def led(address: str) -> Click:
    """The browser goes there by itself, as the last answer told it."""
    return Click("GET", address, led=True)
