"""The rules of a cart."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.cart import domain
from services.cart.domain import Cart, Item
from services.cart.routes import answer
from shared.errors import Conflict, NotFound

KETTLE = Item("kettle", "Kettle", 34_99, 1, "It boils.")
IDS = st.sampled_from(["kettle", "filter", "mug"])
QUANTITIES = st.integers(1, domain.MOST_OF_ONE)


def test_adding_adds_to_what_is_there_at_the_price_of_today() -> None:
    cart = domain.added(domain.added({}, KETTLE), replace(KETTLE, quantity=2, price=40_00))

    assert cart == {"kettle": replace(KETTLE, quantity=3, price=40_00)}


def test_a_cart_keeps_the_order_in_which_things_came_in() -> None:
    cart: Cart = {}
    for id_ in ("mug", "kettle", "filter", "mug"):
        cart = domain.added(cart, replace(KETTLE, itemid=id_))

    assert list(cart) == ["mug", "kettle", "filter"]


def test_a_cart_has_its_limits() -> None:
    full = {str(n): replace(KETTLE, itemid=str(n)) for n in range(100)}

    with pytest.raises(Conflict, match="at most 100 different things in one cart"):
        domain.added(full, KETTLE)
    with pytest.raises(Conflict, match="at most 99 of Kettle in one cart"):
        domain.added({"kettle": KETTLE}, replace(KETTLE, quantity=99))
    with pytest.raises(Conflict, match="at most 99 of Kettle in one cart"):
        domain.with_quantity({"kettle": KETTLE}, "kettle", 100)


def test_nothing_of_a_thing_takes_it_out_whether_it_is_there_or_not() -> None:
    assert domain.with_quantity({"kettle": KETTLE}, "kettle", 0) == {}
    assert domain.with_quantity({}, "kettle", 0) == {}


def test_what_is_not_there_has_no_quantity_to_change() -> None:
    with pytest.raises(NotFound, match="no mug in this cart"):
        domain.with_quantity({"kettle": KETTLE}, "mug", 2)


def test_what_was_ordered_leaves_and_what_came_in_since_stays() -> None:
    cart = {"kettle": replace(KETTLE, quantity=3), "mug": replace(KETTLE, itemid="mug")}

    assert domain.without(cart, {"kettle": 2, "mug": 1, "gone": 5}) == {"kettle": KETTLE}


def test_a_cart_is_answered_with_what_it_counts_and_costs() -> None:
    body = answer("ann", {"kettle": replace(KETTLE, quantity=2)}).model_dump(mode="json")

    assert (body["quantity"], body["total"]) == (2, 69.98)
    assert body["cart"] == [
        {
            "itemid": "kettle",
            "name": "Kettle",
            "price": 34.99,
            "quantity": 2,
            "shortDescription": "It boils.",
        }
    ]


class AnyUseOfACart(RuleBasedStateMachine):
    """Whatever is done to a cart, it counts right and keeps its limits."""

    def __init__(self) -> None:
        super().__init__()
        self.cart: Cart = {}
        self.counted: dict[str, int] = {}

    @rule(itemid=IDS, quantity=QUANTITIES)
    def add(self, itemid: str, quantity: int) -> None:
        wanted = self.counted.get(itemid, 0) + quantity
        try:
            self.cart = domain.added(self.cart, replace(KETTLE, itemid=itemid, quantity=quantity))
        except Conflict:
            assert wanted > domain.MOST_OF_ONE
        else:
            self.counted[itemid] = wanted

    @rule(itemid=IDS, quantity=st.integers(0, domain.MOST_OF_ONE))
    def set_quantity(self, itemid: str, quantity: int) -> None:
        try:
            self.cart = domain.with_quantity(self.cart, itemid, quantity)
        except NotFound:
            assert itemid not in self.counted
        else:
            self.counted[itemid] = quantity

    @rule(ordered=st.dictionaries(IDS, QUANTITIES))
    def order(self, ordered: dict[str, int]) -> None:
        self.cart = domain.without(self.cart, ordered)
        self.counted = {id_: n - ordered.get(id_, 0) for id_, n in self.counted.items()}

    @invariant()
    def it_counts_right(self) -> None:
        self.counted = {id_: n for id_, n in self.counted.items() if n > 0}
        assert {id_: item.quantity for id_, item in self.cart.items()} == self.counted

    @invariant()
    def it_is_kept_whole(self) -> None:
        assert domain.cart_of(domain.document(self.cart)) == self.cart


TestAnyUseOfACart = AnyUseOfACart.TestCase


@given(st.dictionaries(IDS, QUANTITIES))
def test_ordering_all_of_a_cart_empties_it(quantities: dict[str, int]) -> None:
    cart = {id_: replace(KETTLE, itemid=id_, quantity=n) for id_, n in quantities.items()}

    assert domain.without(cart, quantities) == {}
