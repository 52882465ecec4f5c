"""What tests of a checkout share: the services that take part in it, on empty stores."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest

from tests.conftest import PATIENT
from tests.shop.mortal import World, open_world

CALM = {"SHIPPING_FAILURE_RATE": "0", "ORDERS_RECOVERY_SECONDS": "3600"}
MORTALS = ("cart", "payment", "shipping", "orders")
SERVICES = ("catalog", *MORTALS)


class OpenWorld(Protocol):
    def __call__(self, **environ: str) -> AbstractAsyncContextManager[World]: ...


@pytest.fixture
def worlds(tmp_path: Path, empty_redis: Callable[[], str]) -> OpenWorld:
    """Opens the services of a checkout on empty stores."""
    numbers = count()

    @asynccontextmanager
    async def open_one(**environ: str) -> AsyncIterator[World]:
        settings = CALM | PATIENT | {"REDIS_URL": empty_redis()} | environ
        async with open_world(tmp_path / str(next(numbers)), settings) as world:
            await world.begin(*SERVICES)
            yield world

    return open_one


@pytest.fixture
async def world(worlds: OpenWorld) -> AsyncIterator[World]:
    """The services of a checkout, without faults; what is to be recovered waits for ever."""
    async with worlds() as one:
        yield one
