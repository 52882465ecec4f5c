"""Charging over HTTP: the ledger and the bank agree in the end, whatever comes between them."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.shop.buying import CARD, DECLINED, SOON, in_bank
from tests.shop.mortal import World, open_world, until

ID = "abcdefghijklmnop"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path, {"ORDERS_RECOVERY_SECONDS": "3600"}) as world:
        await world.begin("payment")
        yield world


async def charge(world: World, card: dict[str, Any] = CARD, **changes: Any) -> tuple[int, Any]:
    body = {"order_id": ID, "user_id": "ann", "amount_cents": 4499, "card": card} | changes
    headers = {"idempotency-key": ID}
    response = await world.ask("POST", "payment", "/charges", json=body, headers=headers)
    return response.status_code, response.json() if response.content else None


async def void(world: World) -> str:
    response = await world.ask("POST", "payment", f"/charges/{ID}/void", json={})
    return str(response.json()["status"])


def entry(world: World) -> str:
    return str(world.kept("payment", "charges")[ID]["state"])


async def test_an_order_is_charged_once(world: World) -> None:
    first, again = await charge(world), await charge(world)

    assert first == again
    assert first[0] == 201
    assert (first[1]["status"], first[1]["amount"]) == ("charged", 44.99)
    assert in_bank(world) == {ID: 4499}


async def test_many_charges_at_once_are_one(world: World) -> None:
    answers = await asyncio.gather(*(charge(world) for _ in range(10)))

    assert all(answer == answers[0] for answer in answers)
    assert in_bank(world) == {ID: 4499}


async def test_another_amount_is_another_payment(world: World) -> None:
    await charge(world)

    status, _ = await charge(world, amount_cents=1)

    assert status == 409
    assert in_bank(world) == {ID: 4499}


async def test_a_declined_card_is_declined_for_good(world: World) -> None:
    first, again = await charge(world, DECLINED), await charge(world)

    assert first == again
    assert first[0] == 402
    assert (in_bank(world), entry(world)) == ({}, "declined")
    assert await void(world) == "voided"


async def test_what_breaks_the_rules_reaches_neither_ledger_nor_bank(world: World) -> None:
    status, _ = await charge(world, CARD | {"number": "1234"})

    assert status == 402
    assert world.kept("payment", "charges") == {}


async def test_voiding_gives_the_money_back(world: World) -> None:
    await charge(world)

    assert [await void(world) for _ in range(2)] == ["voided", "voided"]
    assert in_bank(world) == {}
    assert in_bank(world, "refunded") == {ID: 4499}
    assert (await charge(world))[0] == 409


async def test_what_was_voided_first_can_never_be_charged(world: World) -> None:
    await void(world)

    assert (await charge(world))[0] == 409
    assert world.kept("bank", "charges") == {}


async def test_voiding_and_charging_at_once_leaves_nothing_charged(world: World) -> None:
    charging = [asyncio.create_task(charge(world)) for _ in range(5)]
    await until(lambda: ID in world.kept("payment", "charges"))

    assert await void(world) == "voided"
    await asyncio.wait(charging)

    assert entry(world) == "voided"
    assert in_bank(world) == {}


async def test_what_the_bank_did_before_a_crash_is_found_when_the_charge_is_read(
    world: World,
) -> None:
    await crash_after_the_bank(world)

    response = await world.ask("GET", "payment", f"/charges/{ID}")

    assert response.json()["status"] == "charged"
    assert entry(world) == "charged"


async def test_what_the_bank_did_before_a_crash_is_found_in_time(world: World) -> None:
    await crash_after_the_bank(world)

    await world.begin("payment", **SOON)

    # The entry is written before the span of the recovery ends.
    await until(lambda: roots(world) == ["recover payment"])
    assert entry(world) == "charged"


def roots(world: World) -> list[str]:
    return [span.name for span in world.spans.get_finished_spans() if not span.parent]


async def test_what_the_bank_never_heard_of_waits_to_be_voided(world: World) -> None:
    world.lives["payment"].fatal = 3
    await charge(world)
    await world.begin("payment", **SOON)

    response = await world.ask("GET", "payment", f"/charges/{ID}")

    assert response.json()["status"] == "pending"
    assert await void(world) == "voided"
    assert in_bank(world, "closed") == {ID: 0}


async def test_a_refund_that_did_not_succeed_is_tried_again(world: World) -> None:
    await charge(world)
    world.lives["payment"].fatal = 7
    await world.ask("POST", "payment", f"/charges/{ID}/void", json={})
    assert (entry(world), in_bank(world)) == ("voiding", {ID: 4499})

    await world.begin("payment", **SOON)

    await until(lambda: entry(world) == "voided")
    assert in_bank(world) == {}


async def test_the_ledger_is_listed_page_by_page(world: World) -> None:
    await charge(world)

    first = (await world.ask("GET", "payment", "/charges", params={"limit": 1})).json()["data"]
    rest = (await world.ask("GET", "payment", "/charges", params={"after": ID})).json()["data"]

    assert ([one["order_id"] for one in first], rest) == ([ID], [])


@pytest.mark.parametrize(
    "changes",
    [
        {"order_id": "another"},
        {"amount_cents": 0},
        {"amount_cents": "a lot"},
        {"card": CARD | {"number": "4" * 41}},
        {"card": CARD | {"number": None}},
        {"card": {"number": "4111111111111111"}},
    ],
    ids=str,
)
async def test_what_cannot_be_used_is_refused_without_repeating_the_card(
    world: World, changes: dict[str, Any]
) -> None:
    status, error = await charge(world, **changes)

    assert status == 400
    assert "4111" not in str(error)
    assert "4444" not in str(error)


async def test_an_unknown_payment_is_not_found(world: World) -> None:
    assert (await world.ask("GET", "payment", "/charges/nothing")).status_code == 404


async def crash_after_the_bank(world: World) -> None:
    """A process ends between the bank's answer and the ledger."""
    world.lives["payment"].fatal = 4
    await charge(world)
    assert (entry(world), in_bank(world)) == ("pending", {ID: 4499})
    await world.begin("payment")
    world.spans.clear()


async def test_voiding_takes_back_what_a_bank_did_that_said_it_had_declined(
    world: World, tmp_path: Path
) -> None:
    await crash_after_the_bank(world)
    with sqlite3.connect(tmp_path / "payment.sqlite") as database:
        database.execute("UPDATE charges SET body = json_set(body, '$.state', 'declined')")
    database.close()

    assert await void(world) == "voided"

    assert in_bank(world) == {}
