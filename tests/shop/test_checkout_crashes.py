"""A checkout keeps its word, whichever process is killed between whichever two of its steps."""

from itertools import count

import pytest

from tests.shop.buying import (
    DECLINED,
    SOON,
    expect_the_promise_kept,
    in_bank,
    is_settled,
    orders,
    shipments,
    submit,
)
from tests.shop.conftest import MORTALS, OpenWorld
from tests.shop.mortal import World, until

KEY = "one-and-the-same"


async def buy(world: World, **changes: str) -> set[str]:
    """Submits the one order once; the ids of the orders that were acknowledged."""
    response = await submit(world, KEY, **changes)
    return {response.json()["order_id"]} if response.is_success else set()


async def until_done(world: World, victim: str) -> None:
    """Waits for the shipment, which comes after the answer, or for the victim's end."""
    if victim == "shipping":
        life = world.lives[victim]
        await until(lambda: life.is_over or orders(world).keys() <= shipments(world).keys())


@pytest.mark.parametrize(
    ("victim", "retried"),
    [
        ("orders", False),
        ("orders", True),
        ("payment", False),
        ("payment", True),
        ("shipping", False),
        ("cart", False),
    ],
)
async def test_a_process_killed_at_any_step_breaks_no_promise(
    worlds: OpenWorld, victim: str, retried: bool
) -> None:
    for fatal in count(1):
        async with worlds() as world:
            life = world.lives[victim]
            life.fatal = fatal
            acknowledged = await buy(world)
            await until_done(world, victim)
            if not life.is_over:
                break

            if retried:
                await world.begin(victim)
                again = await buy(world)
                assert again
                acknowledged |= again
            await world.begin(*MORTALS, **SOON)
            await until(lambda: is_settled(world))

            expect_the_promise_kept(world, acknowledged)
            assert len(acknowledged) <= len(orders(world)) <= 1
    assert fatal > 2


@pytest.mark.parametrize("victim", ["orders", "payment"])
async def test_a_process_killed_at_any_step_of_a_refusal_leaves_nothing_charged(
    worlds: OpenWorld, victim: str
) -> None:
    for fatal in count(1):
        async with worlds() as world:
            life = world.lives[victim]
            life.fatal = fatal
            await submit(world, KEY, card=DECLINED)
            if not life.is_over:
                break

            await world.begin(*MORTALS, **SOON)
            await until(lambda: is_settled(world))

            expect_the_promise_kept(world, set())
            assert in_bank(world) == {}
    assert fatal > 2


@pytest.mark.parametrize("victim", ["orders", "payment"])
@pytest.mark.parametrize("before", [7, 8], ids=["to be cancelled", "to be completed"])
async def test_a_process_killed_at_any_step_of_the_recovery_breaks_no_promise(
    worlds: OpenWorld, victim: str, before: int
) -> None:
    """Orders dies just before it asks payment, or else before it notes that the order is paid."""
    for fatal in count(1):
        async with worlds() as world:
            world.lives["orders"].fatal = before
            await buy(world)
            await world.begin(*MORTALS)
            await world.begin(victim, **SOON)
            world.lives[victim].fatal = fatal
            if victim != "orders":
                await world.begin("orders", **SOON)
            life = world.lives[victim]
            await until(lambda: life.is_over or is_settled(world))  # noqa: B023
            if not life.is_over:
                break

            await world.begin(*MORTALS, **SOON)
            await until(lambda: is_settled(world))

            expect_the_promise_kept(world, set())
    assert fatal > 2
