"""What is sold, and what lies in a cart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.money import Cents, cents

# What stands in the window, if the shop has it; the first one in the middle.
WINDOW = (
    "storm-lantern",
    "pour-over-kettle",
    "reading-chair",
    "rucksack",
    "hand-plane",
    "tea-set",
    "watering-can",
    "fountain-pen",
    "wool-blanket",
)
NO_PICTURE = "/favicon.ico"
PICTURES = ("imageUrl1", "imageUrl2", "imageUrl3")


@dataclass(frozen=True)
class Product:
    id: str
    name: str
    short: str
    description: str
    price: Cents
    tags: tuple[str, ...]
    pictures: tuple[str, ...]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Product":
        """A product out of the gateway's words."""
        return cls(
            id=str(told["id"]),
            name=str(told["name"]),
            short=str(told["shortDescription"]),
            description=str(told["description"]),
            price=cents(told["price"]),
            tags=tuple(map(str, told.get("tags", ()))),
            pictures=tuple(str(told[key]) for key in PICTURES if told.get(key)) or (NO_PICTURE,),
        )


@dataclass(frozen=True)
class Line:
    """So many of one thing, in a cart or in an order."""

    id: str
    name: str
    price: Cents
    quantity: int

    @property
    def total(self) -> Cents:
        return self.price * self.quantity


@dataclass(frozen=True)
class Cart:
    lines: tuple[Line, ...] = ()

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Cart":
        return cls(
            tuple(
                Line(
                    id=str(item["itemid"]),
                    name=str(item["name"]),
                    price=cents(item["price"]),
                    quantity=int(item["quantity"]),
                )
                for item in told["cart"]
            )
        )

    @property
    def total(self) -> Cents:
        return sum(line.total for line in self.lines)

    @property
    def quantity(self) -> int:
        return sum(line.quantity for line in self.lines)


def price(amount: Cents) -> str:
    """3595 cents are `$35.95`."""
    return f"${amount // 100:,}.{amount % 100:02d}"


def in_window(products: Sequence[Product]) -> tuple[Product, ...]:
    """All products, with those of the window first."""
    shown = picked(products, WINDOW, len(WINDOW))
    return (*shown, *(product for product in products if product not in shown))


def picked(products: Sequence[Product], ids: Sequence[str], most: int) -> tuple[Product, ...]:
    """The products with these ids, in the order of the ids; an id nobody knows is left out."""
    known = {product.id: product for product in products}
    return tuple(known[id_] for id_ in ids if id_ in known)[:most]
