"""The rules of the catalog."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.domain import Product, ids_in, search, tally
from services.catalog.routes import answer
from shared.errors import BadRequest

KETTLE: dict[str, Any] = {
    "id": "kettle",
    "name": "Copper Kettle",
    "shortDescription": "Whistles.",
    "description": "Boils a litre in four minutes.",
    "imageUrl1": "/pictures/kettle-1.svg",
    "imageUrl2": "/pictures/kettle-2.svg",
    "imageUrl3": "/pictures/kettle-3.svg",
    "price": 34.95,
    "tags": ["kitchen", "gifts"],
}
kettle = Product.of(KETTLE)
trowel = replace(kettle, id="trowel", name="Trowel", tags=("garden", "gifts"))
words = st.text(st.characters(codec="utf-8"), max_size=8)
products = st.builds(
    replace, st.just(kettle), name=words, line=words, tags=st.lists(words, max_size=3).map(tuple)
)


def test_a_product_is_kept_and_answered_as_it_was_read_with_its_price_in_dollars() -> None:
    assert kettle.price == 3495
    assert kettle.document() == KETTLE
    assert answer(kettle).model_dump(mode="json") == KETTLE


@pytest.mark.parametrize("words", ["", "copper", "KETTLE copper", "four litre", "kitchen whistles"])
def test_a_product_is_found_by_words_of_all_its_texts(words: str) -> None:
    assert search([kettle], words) == [kettle]


def test_every_word_must_be_there() -> None:
    assert search([kettle], "copper spoon") == []


def test_a_tag_is_matched_as_a_whole() -> None:
    assert search([kettle, trowel], tag="garden") == [trowel]
    assert search([kettle, trowel], tag="gard") == []
    assert search([kettle, trowel], "kettle", "garden") == []


@given(st.lists(products), words, words)
def test_a_search_keeps_the_order_and_adds_nothing(
    stock: list[Product], text: str, tag: str
) -> None:
    found = iter(stock)

    assert all(product in found for product in search(stock, text, tag))
    assert search(stock) == stock


@given(products)
def test_a_product_is_found_by_its_own_name_in_any_case(product: Product) -> None:
    for name in (product.name, product.name.casefold()):
        assert search([product], name) == [product]


def test_tags_are_counted_the_most_frequent_first() -> None:
    assert tally([kettle, trowel]) == [("gifts", 2), ("garden", 1), ("kitchen", 1)]


def test_ids_are_read_in_their_order_and_each_once() -> None:
    assert ids_in("b,a, b,,c") == ["b", "a", "c"]
    assert ids_in("") == []


def test_too_many_ids_are_refused() -> None:
    assert len(ids_in(",".join(map(str, range(100))))) == 100

    with pytest.raises(BadRequest, match="101 products at once are too many"):
        ids_in(",".join(map(str, range(101))))
