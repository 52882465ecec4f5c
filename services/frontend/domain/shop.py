"""What the shop sells, what lies in a cart, what was ordered, and what there is to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.contracts import articles, catalog, gateway, orders
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
CANCELLED = "cancelled"
STEPS = ("processing", "shipped", "delivered")
WORDS = {
    "processing": "Being packed",
    "shipped": "On its way",
    "delivered": "Delivered",
    CANCELLED: "Cancelled",
}
UNKNOWN = "Status unknown for the moment"
ENDS = {"delivered", CANCELLED}


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
    def of(cls, product: catalog.Product) -> "Product":
        pictures = (product.imageUrl1, product.imageUrl2, product.imageUrl3)
        return cls(
            id=product.id,
            name=product.name,
            short=product.shortDescription,
            description=product.description,
            price=cents(product.price),
            tags=product.tags,
            pictures=tuple(url for url in pictures if url) or (NO_PICTURE,),
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
    def of(cls, answer: gateway.CartItems) -> "Cart":
        lines = (
            Line(item.itemid, item.name, cents(item.price), item.quantity) for item in answer.cart
        )
        return cls(tuple(lines))

    @property
    def total(self) -> Cents:
        return sum(line.total for line in self.lines)

    @property
    def quantity(self) -> int:
        return sum(line.quantity for line in self.lines)


@dataclass(frozen=True)
class Order:
    id: str
    status: str
    total: Cents
    placed_at: str = ""
    lines: tuple[Line, ...] = ()
    address: tuple[str, ...] = ()
    delivery: str = ""

    @classmethod
    def of(cls, order: orders.Order) -> "Order":
        """The oldest ones know no more than their price."""
        return cls(
            id=order.id,
            status=order.status,
            total=cents(order.totalPrice),
            placed_at=order.placedAt,
            lines=tuple(map(line_of, order.items)),
            address=address_of(order),
            delivery=order.delivery,
        )

    @property
    def says(self) -> str:
        """Its status in plain words; `error fetching ...` is what orders says of a carrier that
        failed.
        """
        if self.status.startswith("error"):
            return UNKNOWN
        return WORDS.get(self.status, self.status.capitalize())

    @property
    def step(self) -> int | None:
        """How far it is on its way: 0, 1 or 2; None when that is not known."""
        return STEPS.index(self.status) if self.status in STEPS else None

    @property
    def ended(self) -> bool:
        return self.status in ENDS

    @property
    def cancelled(self) -> bool:
        return self.status == CANCELLED

    @property
    def day(self) -> str:
        """`12 March 2026, 14:05` (UTC); empty when nobody noted when it was placed."""
        try:
            at = datetime.fromisoformat(self.placed_at)
        except ValueError:
            return ""
        return f"{at.day} {at:%B %Y, %H:%M}"


def line_of(item: orders.OrderItem) -> Line:
    return Line(item.id, item.description or item.id, cents(item.price), item.quantity)


def address_of(order: orders.Order) -> tuple[str, ...]:
    """The lines of an envelope."""
    where = order.address
    lines = (
        f"{order.firstname} {order.lastname}",
        where.street,
        f"{where.zip} {where.city} {where.state}",
        where.country,
    )
    return tuple(line for line in (" ".join(line.split()) for line in lines) if line)


@dataclass(frozen=True)
class Article:
    id: str
    author: str
    title: str
    text: str
    suggested: tuple["Article", ...] = ()

    @classmethod
    def of(cls, article: articles.Article) -> "Article":
        return cls(
            id=article.id,
            author=article.author,
            title=article.title,
            text=article.text,
            suggested=tuple(map(cls.of, article.suggested)),
        )

    @property
    def opening(self) -> str:
        """Its first sentence."""
        first, stop, _ = self.text.partition(". ")
        return first + stop.strip()

    @property
    def minutes(self) -> int:
        """How long it takes to read."""
        return max(1, round(len(self.text.split()) / 200))


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
