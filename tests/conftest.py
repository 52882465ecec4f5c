"""What tests share: how async tests run, a real Redis, and the shop in one process."""

import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from itertools import count, cycle
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import settings
from redis import Redis

from acme.ephemeral import ephemeral_redis
from acme.redis.server import choose
from tests.inprocess import ALL, Shop, open_shop
from traces.testing import Tracing

# How long an example takes says more about the machine than about the code.
settings.register_profile("shop", deadline=None)
settings.load_profile("shop")

PATIENT = {"ACME_TIMEOUT_MS": "30000"}  # of a machine that is busy with other things
CALM = {"AUTH_FAILURE_RATE": "0", "SHIPPING_FAILURE_RATE": "0"}
SLOW = (
    "tests/acme/test_doctor.py",
    "tests/acme/test_redis.py",
    "tests/e2e/",
    "tests/lens/test_otlp_fuzz.py",
    "tests/services/test_openapi.py",
    "tests/shop/test_checkout_crashes.py",
    "tests/shop/test_checkout_storm.py",
    "tests/shop/test_fault_isolation.py",
    "tests/shop/test_order_status.py",
    "tests/stack/",
)


def pytest_configure() -> None:
    """A shell that starts tests in the background ignores SIGINT for them and for the programs that
    they start; some are ended by it.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Real processes, fuzzers and everything that repeats a request many times are slow:
    `-m "not slow"` leaves them out.
    """
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker(pytest.mark.slow)


class OpenShop(Protocol):
    async def __call__(self, **environ: str) -> Shop: ...


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _cheap_password_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2 is meant to be slow, and hundreds of tests start a shop with users."""
    monkeypatch.setattr("services.users.store.passwords.KIB", 8)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis for all tests, as `acme up` chooses one; what a test wants empty it empties first."""
    server = choose(os.environ.get("PATH", ""))
    with ephemeral_redis(server, tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="session")
def empty_redis(redis_url: str) -> Callable[[], str]:
    """Answers the address of an emptied database of that Redis, another one with each call."""
    numbers = cycle(range(1, 16))

    def empty() -> str:
        url = f"{redis_url}/{next(numbers)}"
        with Redis.from_url(url) as redis:
            redis.flushdb()
        return url

    return empty


@pytest.fixture
async def shop_with(
    tmp_path: Path, empty_redis: Callable[[], str], request: pytest.FixtureRequest
) -> AsyncIterator[OpenShop]:
    """Opens the shop in this process, with the given variables in its environment: all of it, or
    what a test is marked with: `@pytest.mark.services("auth", "users")`.
    """
    marked = request.node.get_closest_marker("services")
    only = marked.args if marked else ALL
    numbers = count()
    async with AsyncExitStack() as stack:

        async def open_with(**environ: str) -> Shop:
            own = {"ACME_DATA": str(tmp_path / str(next(numbers))), "REDIS_URL": empty_redis()}
            return await stack.enter_async_context(open_shop(PATIENT | own | environ, only))

        yield open_with


@pytest.fixture
async def shop(shop_with: OpenShop) -> Shop:
    """The shop in this process, no faults."""
    return await shop_with(**CALM)


@pytest.fixture
def traced(shop: Shop) -> Tracing:
    """`with traced() as t: await shop.get(...)`, then `t.expect_edge("gateway", "orders")`."""
    return shop.tracing
