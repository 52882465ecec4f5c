"""Many checkouts at once, while services fail and are killed, and the recovery is in a hurry."""

import asyncio
import random

import pytest

from shared.money import dollars
from tests.shop.buying import (
    DECLINED,
    KETTLE,
    SOON,
    expect_the_promise_kept,
    is_settled,
    orders,
    submit,
)
from tests.shop.conftest import MORTALS, OpenWorld
from tests.shop.mortal import World, until

FAULTS = {"PAYMENT_FAILURE_RATE": "0.1", "SHIPPING_FAILURE_RATE": "0.3"}
BUYERS, EACH = 6, 10


class Buyer:
    """Submits each order until it is answered for good."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self._world, self._chance = world, chance
        self.acknowledged: dict[str, float] = {}

    async def buy(self, number: int) -> None:
        for n in range(EACH):
            lines = [KETTLE | {"quantity": self._chance.randint(1, 5)}]
            card = {"card": DECLINED} if self._chance.random() < 0.1 else {}
            status = 0
            while status not in {200, 201, 402, 409}:
                response = await submit(
                    self._world, f"order-{number}-{n}", f"{number:024x}", cart=lines, **card
                )
                status = response.status_code
                await asyncio.sleep(0.02)
            if response.is_success:
                receipt = response.json()
                self.acknowledged[receipt["order_id"]] = receipt["payment"]["amount"]


async def kill(
    world: World, chance: random.Random, environ: dict[str, str], enough: asyncio.Event
) -> None:
    """Kills one service after the other somewhere in its work, until it is enough."""
    while not enough.is_set():
        for victim in chance.sample(MORTALS, len(MORTALS)):
            life = world.lives[victim]
            life.fatal = life.steps + chance.randint(5, 60)
            for _ in range(10):
                await asyncio.sleep(0.02)
                if life.is_over:
                    break
            life.is_over = True
            await world.begin(victim, **environ)


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_happens_every_promise_is_kept(worlds: OpenWorld, seed: int) -> None:
    environ = FAULTS | SOON | {"ACME_SEED": str(seed)}
    chance = random.Random(seed)
    async with worlds(**environ) as world:
        buyer = Buyer(world, chance)
        enough = asyncio.Event()
        killing = asyncio.create_task(kill(world, chance, environ, enough))
        await asyncio.gather(*(buyer.buy(number) for number in range(BUYERS)))
        enough.set()
        await killing

        await world.begin(*MORTALS, **SOON)
        await until(lambda: is_settled(world))

        expect_the_promise_kept(world, set(buyer.acknowledged))
        for id_, amount in buyer.acknowledged.items():
            assert dollars(orders(world)[id_]["total"]) == amount
