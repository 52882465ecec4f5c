"""The rules of a cart. A cart is its items by id, in the order they came in; it is never changed,
each rule gives a new one. Money is in whole cents.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from shared.errors import Conflict, NotFound
from shared.money import Cents

MOST_OF_ONE, MOST_ITEMS = 99, 100


@dataclass(frozen=True)
class Item:
    itemid: str
    name: str
    price: Cents
    quantity: int
    description: str = ""

    @property
    def total(self) -> Cents:
        return self.price * self.quantity


Cart = Mapping[str, Item]


def cart_of(document: list[dict[str, Any]]) -> Cart:
    return {item["itemid"]: Item(**item) for item in document}


def document(cart: Cart) -> list[dict[str, Any]]:
    return [asdict(item) for item in cart.values()]


def added(cart: Cart, item: Item) -> Cart:
    """The cart with so many more of it, at the name and price it has now. Raises Conflict when that
    is more than a cart can hold.
    """
    before = cart.get(item.itemid)
    quantity = item.quantity + (before.quantity if before else 0)
    if before is None and len(cart) >= MOST_ITEMS:
        raise Conflict(f"at most {MOST_ITEMS} different things in one cart")
    return {**cart, item.itemid: replace(item, quantity=allowed(quantity, item.name))}


def with_quantity(cart: Cart, itemid: str, quantity: int) -> Cart:
    """The cart with exactly so many of it; 0 takes it out, whether it is there or not. Raises
    NotFound when it is not there otherwise.
    """
    if quantity == 0:
        return {id_: item for id_, item in cart.items() if id_ != itemid}
    if itemid not in cart:
        raise NotFound(f"no {itemid} in this cart")
    item = cart[itemid]
    return {**cart, itemid: replace(item, quantity=allowed(quantity, item.name))}


def without(cart: Cart, ordered: Mapping[str, int]) -> Cart:
    """The cart after so many of each were ordered: what came in since stays."""
    left = {id_: item.quantity - ordered.get(id_, 0) for id_, item in cart.items()}
    return {id_: replace(cart[id_], quantity=n) for id_, n in left.items() if n > 0}


def allowed(quantity: int, name: str) -> int:
    if quantity > MOST_OF_ONE:
        raise Conflict(f"at most {MOST_OF_ONE} of {name} in one cart")
    return quantity


def quantity_of(cart: Cart) -> int:
    """How many things are in it."""
    return sum(item.quantity for item in cart.values())


def total_of(cart: Cart) -> Cents:
    """What they cost."""
    return sum(item.total for item in cart.values())
