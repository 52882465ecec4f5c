"""What catalog answers."""

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from shared.mocks import read_mocks
from tests.conftest import CALM, OpenShop
from tests.inprocess import Shop
from traces.testing import Tracing

pytestmark = pytest.mark.services("catalog")

SOLD = {product["id"]: product for product in read_mocks(Path("mocks/products.json"))["products"]}


async def listed(shop: Shop, **query: str) -> list[dict[str, Any]]:
    answer = await shop.get(shop.url("catalog", "/products"), params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


def ids(products: list[dict[str, Any]]) -> list[str]:
    return [product["id"] for product in products]


async def test_every_product_is_listed(shop: Shop) -> None:
    products = await listed(shop)

    assert {product["id"]: product for product in products} == SOLD
    assert ids(products) == sorted(SOLD)


async def test_a_listing_is_one_operation(shop: Shop, traced: Tracing) -> None:
    with traced() as t:
        await listed(shop)

    assert [span.name for span in t.spans] == ["GET /products", "SELECT products"]


async def test_products_are_found_by_words_and_by_tag(shop: Shop) -> None:
    assert ids(await listed(shop, q="TEA pot")) == ["tea-set"]
    assert set(ids(await listed(shop, tag="garden"))) == {
        id_ for id_, product in SOLD.items() if "garden" in product["tags"]
    }
    assert await listed(shop, q="kettle", tag="garden") == []


async def test_products_are_answered_in_the_order_of_the_ids(shop: Shop, traced: Tracing) -> None:
    with traced() as t:
        products = await listed(shop, ids="workbench,nothing,bread-knife,workbench")

    assert ids(products) == ["workbench", "bread-knife"]
    t.expect(count=1, service="catalog", kind="CLIENT", name="SELECT products")
    assert await listed(shop, ids="") == []


async def test_a_product_is_read(shop: Shop) -> None:
    answer = await shop.get(shop.url("catalog", "/products/desk-lamp"))

    assert answer.json() == {"data": SOLD["desk-lamp"]}


async def test_an_unknown_product_is_not_found(shop: Shop) -> None:
    answer = await shop.get(shop.url("catalog", "/products/perpetuum-mobile"))

    assert answer.status_code == 404
    assert answer.json() == {"error": "not_found", "detail": "no product perpetuum-mobile"}


@pytest.mark.parametrize(
    "path",
    [
        "/products?q=" + "x" * 101,
        "/products?tag=" + "x" * 51,
        "/products?ids=" + "x" * 8001,
        "/products?ids=" + ",".join(map(str, range(101))),
        "/products/" + "x" * 101,
    ],
    ids=["words", "tag", "ids", "number of ids", "id"],
)
async def test_what_is_too_long_is_refused(shop: Shop, path: str) -> None:
    answer = await shop.get(shop.url("catalog", path))

    assert answer.status_code == 400
    assert answer.json()["error"] == "bad_request"


async def test_tags_are_listed_with_their_counts(shop: Shop) -> None:
    answer = await shop.get(shop.url("catalog", "/tags"))

    tags = {tag["name"]: tag["count"] for tag in answer.json()["data"]}
    assert tags["garden"] == len(await listed(shop, tag="garden"))
    assert sum(tags.values()) == sum(len(product["tags"]) for product in SOLD.values())


async def test_a_newer_file_of_products_wins(shop_with: OpenShop, tmp_path: Path) -> None:
    data, mocks = str(tmp_path / "data"), tmp_path / "mocks"
    copytree("mocks", mocks)
    await shop_with(**CALM, ACME_DATA=data, ACME_MOCKS=str(mocks))
    mock = read_mocks(mocks / "products.json")
    mock["products"][0]["price"] = 1
    mock["products"].append({**mock["products"][0], "id": "another-kettle"})
    (mocks / "products.json").write_text(json.dumps(mock))

    shop = await shop_with(**CALM, ACME_DATA=data, ACME_MOCKS=str(mocks))

    prices = {product["id"]: product["price"] for product in await listed(shop)}
    assert prices["pour-over-kettle"] == prices["another-kettle"] == 1
    assert prices["desk-lamp"] == SOLD["desk-lamp"]["price"]
