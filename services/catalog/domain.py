"""The rules of the catalog."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shared.errors import BadRequest
from shared.money import Cents, cents, dollars

MOST_IDS = 100


@dataclass(frozen=True)
class Product:
    id: str
    name: str
    line: str
    description: str
    images: tuple[str, str, str]
    price: Cents
    tags: tuple[str, ...]

    @classmethod
    def of(cls, document: dict[str, Any]) -> "Product":
        """From the JSON object that documents and mocks share."""
        return cls(
            document["id"],
            document["name"],
            document["shortDescription"],
            document["description"],
            (document["imageUrl1"], document["imageUrl2"], document["imageUrl3"]),
            cents(document["price"]),
            tuple(document["tags"]),
        )

    def document(self) -> dict[str, Any]:
        """The same object again; the price is in dollars."""
        images = {f"imageUrl{number}": url for number, url in enumerate(self.images, 1)}
        return {
            "id": self.id,
            "name": self.name,
            "shortDescription": self.line,
            "description": self.description,
            **images,
            "price": dollars(self.price),
            "tags": list(self.tags),
        }

    @property
    def tag(self) -> str:
        """The tag it is filed under: its first; empty without any."""
        return next(iter(self.tags), "")

    def mentions(self, word: str) -> bool:
        return any(word in text.casefold() for text in self.texts())

    def texts(self) -> tuple[str, ...]:
        return (self.name, self.line, self.description, *self.tags)


def search(products: Iterable[Product], words: str = "", tag: str = "") -> list[Product]:
    """The products that mention every word, in any case, and carry the tag if there is one."""
    wanted = words.casefold().split()
    return [
        product
        for product in products
        if all(product.mentions(word) for word in wanted) and (not tag or tag in product.tags)
    ]


def tally(products: Iterable[Product]) -> list[tuple[str, int]]:
    """Every tag and how many products carry it, the most frequent first."""
    counted = Counter(tag for product in products for tag in product.tags)
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))


def ids_in(text: str) -> list[str]:
    """`a,b,c`: each id once; raises BadRequest when there are too many."""
    ids = list(dict.fromkeys(id_.strip() for id_ in text.split(",") if id_.strip()))
    if len(ids) > MOST_IDS:
        raise BadRequest(f"ids: {len(ids)} products at once are too many: {MOST_IDS} are allowed")
    return ids
