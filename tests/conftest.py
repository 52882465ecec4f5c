"""What tests share: how async tests run, and the shop in one process."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import settings

from shared.tracetest import Tracing
from tests.inprocess import Shop, open_shop

# How long an example takes says more about the machine than about the code.
settings.register_profile("shop", deadline=None)
settings.load_profile("shop")

CALM = {"AUTH_FAILURE_RATE": "0", "SHIPPING_FAILURE_RATE": "0"}


class OpenShop(Protocol):
    async def __call__(self, **environ: str) -> Shop: ...


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def shop_with(tmp_path: Path) -> AsyncIterator[OpenShop]:
    """Opens the whole shop in this process, with the given variables in its environment."""
    numbers = count()
    async with AsyncExitStack() as stack:

        async def open_with(**environ: str) -> Shop:
            data = {"ACME_DATA": str(tmp_path / str(next(numbers)))}
            return await stack.enter_async_context(open_shop(data | environ))

        yield open_with


@pytest.fixture
async def shop(shop_with: OpenShop) -> Shop:
    """The whole shop in this process, no faults."""
    return await shop_with(**CALM)


@pytest.fixture
def traced(shop: Shop) -> Tracing:
    """`with traced() as t: await shop.get(...)`, then `t.expect_edge("gateway", "orders")`."""
    return shop.tracing
