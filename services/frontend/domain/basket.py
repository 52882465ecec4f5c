"""The cart of somebody who is not logged in: a cookie of this browser, until there is a user whose
cart it can go into.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from services.frontend.domain.shop import Cart, Line, Product
from shared.errors import Conflict

MOST_OF_ONE, MOST_ITEMS = 99, 20
ENTRY = re.compile(r"([\w.-]{1,64}):([1-9][0-9]?)", re.ASCII)


@dataclass(frozen=True)
class Basket:
    """How many of which product, by its id, in the order they came in."""

    items: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "Basket":
        """Out of the cookie; what is not ours is left out."""
        found = (ENTRY.fullmatch(part) for part in text.split("|")[:MOST_ITEMS])
        return cls({entry[1]: int(entry[2]) for entry in found if entry})

    def written(self) -> str:
        """As it stands in the cookie."""
        return "|".join(f"{id_}:{quantity}" for id_, quantity in self.items.items())

    @property
    def quantity(self) -> int:
        return sum(self.items.values())

    def added(self, id_: str, quantity: int) -> "Basket":
        """The basket with so many more of it. Raises Conflict when that is too much."""
        total = self.items.get(id_, 0) + quantity
        if total > MOST_OF_ONE:
            raise Conflict(f"at most {MOST_OF_ONE} of {id_} in one cart, not {total}")
        if id_ not in self.items and len(self.items) >= MOST_ITEMS:
            raise Conflict(f"at most {MOST_ITEMS} different things in a cart before you log in")
        return replace(self, items={**self.items, id_: total})

    def changed(self, id_: str, quantity: int) -> "Basket":
        """The basket with exactly so many of what is in it; 0 takes it out."""
        items = {**self.items, id_: quantity} if id_ in self.items else dict(self.items)
        return replace(self, items={id_: count for id_, count in items.items() if count})

    def cart(self, products: Iterable[Product]) -> Cart:
        """What lies in it, at the prices of these products; what is not among them is left out."""
        known = {product.id: product for product in products}
        return Cart(
            tuple(
                Line(id_, known[id_].name, known[id_].price, quantity)
                for id_, quantity in self.items.items()
                if id_ in known
            )
        )
