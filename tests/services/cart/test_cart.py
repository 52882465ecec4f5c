"""Carts over HTTP, in a real Redis."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from tests.shop.mortal import World, open_world

KETTLE, PRICE = "pour-over-kettle", 35.95
OWN = {"itemid": "5d644175", "name": "Bag", "price": "10.5", "shortDescription": "Sturdy."}


@pytest.fixture
def redis_here(empty_redis: Callable[[], str]) -> str:
    return empty_redis()


@pytest.fixture
async def world(tmp_path: Path, redis_here: str) -> AsyncIterator[World]:
    async with open_world(tmp_path, {"REDIS_URL": redis_here}) as world:
        await world.begin("catalog", "cart")
        yield world


async def post(world: World, path: str, body: Any, user: str = "ann") -> tuple[int, Any]:
    response = await world.ask("POST", "cart", f"/carts/{user}{path}", json=body)
    return response.status_code, response.json()


async def test_a_new_cart_is_empty(world: World) -> None:
    response = await world.ask("GET", "cart", "/carts/ann")

    assert response.json() == {"userid": "ann", "cart": [], "quantity": 0, "total": 0}


async def test_name_and_price_are_the_catalogs(world: World) -> None:
    status, cart = await post(world, "/items", {"itemid": KETTLE, "price": 1, "quantity": "2"})

    assert status == 200
    assert (cart["quantity"], cart["total"]) == (2, 2 * PRICE)
    assert cart["cart"][0]["name"] != ""


async def test_what_the_catalog_does_not_know_describes_itself(world: World) -> None:
    _, cart = await post(world, "/items", OWN)

    assert cart["cart"] == [OWN | {"price": 10.5, "quantity": 1}]
    status, error = await post(world, "/items", {"itemid": "5d644175"})
    assert (status, error["detail"]) == (404, "no product 5d644175")


async def test_quantities_are_changed_and_things_taken_out(world: World) -> None:
    await post(world, "/items", OWN)

    _, more = await post(world, "/items/5d644175", {"quantity": "7"})
    _, none = await post(world, "/items/5d644175", {"quantity": 0})
    again, _ = await post(world, "/items/5d644175", {"quantity": 0})
    absent, _ = await post(world, "/items/5d644175", {"quantity": 1})

    assert (more["quantity"], none["quantity"]) == (7, 0)
    assert (again, absent) == (200, 404)


async def test_what_was_ordered_is_taken_out(world: World) -> None:
    await post(world, "/items", OWN | {"quantity": 3})
    await post(world, "/items", {"itemid": KETTLE})

    _, left = await post(world, "/clear", {"only": {"5d644175": 2, KETTLE: 1}})
    _, empty = await post(world, "/clear", {})

    assert [(item["itemid"], item["quantity"]) for item in left["cart"]] == [("5d644175", 1)]
    assert empty["cart"] == []


async def test_a_cart_belongs_to_one_user(world: World) -> None:
    await post(world, "/items", OWN, user="ann")

    assert (await world.ask("GET", "cart", "/carts/bob")).json()["cart"] == []


async def test_of_many_changes_at_once_none_is_lost_and_the_spans_show_the_retries(
    world: World,
) -> None:
    await asyncio.gather(*(post(world, "/items", OWN) for _ in range(25)))

    assert (await world.ask("GET", "cart", "/carts/ann")).json()["quantity"] == 25
    changes = [span for span in world.spans.get_finished_spans() if span.name == "SET cart"]
    events = {event.name for span in changes for event in span.events}
    assert events == {"cart.changed_meanwhile"}


async def test_the_limit_holds_for_many_at_once(world: World) -> None:
    answers = await asyncio.gather(
        *(post(world, "/items", OWN | {"quantity": 30}) for _ in range(5))
    )

    assert sorted(status for status, _ in answers) == [200, 200, 200, 409, 409]
    assert (await world.ask("GET", "cart", "/carts/ann")).json()["quantity"] == 90


async def test_a_cart_is_forgotten_a_week_after_its_last_change(
    world: World, redis_here: str
) -> None:
    await post(world, "/items", OWN)

    async with Redis.from_url(redis_here) as redis:
        assert 0 <= 7 * 24 * 3600 - await redis.ttl("cart:ann") < 60


async def test_without_the_catalog_carts_are_read_but_nothing_is_added(world: World) -> None:
    await post(world, "/items", OWN)
    await world.end("catalog")

    status, _ = await post(world, "/items", OWN)

    assert status == 503
    assert (await world.ask("GET", "cart", "/carts/ann")).json()["quantity"] == 1


async def test_without_redis_there_is_no_cart(world: World) -> None:
    await world.begin("cart", REDIS_URL="redis://127.0.0.1:1")

    response = await world.ask("GET", "cart", "/carts/ann")

    assert response.status_code == 503
    assert response.json()["error"] == "unavailable"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/items", {}),
        ("/items", OWN | {"itemid": "a b"}),
        ("/items", OWN | {"quantity": 0}),
        ("/items", OWN | {"quantity": 100}),
        ("/items", OWN | {"price": "cheap"}),
        ("/items", OWN | {"price": "-1"}),
        ("/items", OWN | {"name": "x" * 201}),
        ("/items/5d644175", {"quantity": -1}),
        ("/items/5d644175", {"quantity": 1e400}),
        ("/clear", {"only": {"5d644175": 0}}),
        ("/clear", []),
        ("/clear", {"only": {"\ud800": 1}}),
        ("/items", OWN | {"name": "\ud800"}),
    ],
    ids=ascii,
)
async def test_what_cannot_be_used_is_refused(world: World, path: str, body: Any) -> None:
    response = await world.ask(
        "POST",
        "cart",
        f"/carts/ann{path}",
        content=json.dumps(body),
        headers={"content-type": "application/json"},
    )

    assert response.status_code == 400
