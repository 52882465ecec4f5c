"""What suggestions answers."""

from pathlib import Path

import pytest

from shared.mocks import read_mocks
from tests.inprocess import Shop

pytestmark = pytest.mark.services("suggestions")

MOCKS = read_mocks(Path("mocks/suggestions.json"))


async def test_a_product_has_its_suggestions_as_an_article_has(shop: Shop) -> None:
    of_product = await shop.get(shop.url("suggestions", "/suggestions/v1/tea-set"))
    of_article = await shop.get(shop.url("suggestions", "/suggestions/v1/7"))

    assert of_product.json() == MOCKS["products"]["tea-set"]
    assert of_article.json() == MOCKS["suggestions"]["7"]


async def test_many_are_answered_in_one_call(shop: Shop) -> None:
    answer = await shop.get(shop.url("suggestions", "/suggestions/v1/"), params={"ids": "7,rope"})

    assert answer.json() == {"7": MOCKS["suggestions"]["7"], "rope": []}


async def test_an_unknown_product_is_not_found(shop: Shop) -> None:
    answer = await shop.get(shop.url("suggestions", "/suggestions/v1/rope"))

    assert answer.status_code == 404
    assert answer.json()["detail"] == "no product rope"
