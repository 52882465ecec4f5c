"""What the tests of the control plane share: one on a real socket, and a clock to turn."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from chaos.control_plane.domain.hits import HitBook
from chaos.control_plane.domain.instances import Instances
from tests.chaos.opened import Clock, Opened, Opener, opened


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def open_plane(tmp_path: Path) -> AsyncIterator[Opener]:
    """Opens a control plane with the given variables in its environment."""
    async with AsyncExitStack() as stack:

        async def open_with(**environ: str) -> Opened:
            own = {"ACME_DATA": str(tmp_path), "ACME_SCENARIOS": str(tmp_path / "none")}
            return await stack.enter_async_context(opened(own | environ))

        yield open_with


@pytest.fixture(scope="module")
async def one_plane(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Opened]:
    folder = tmp_path_factory.mktemp("plane")
    own = {"ACME_DATA": str(folder), "ACME_SCENARIOS": str(folder / "none")}
    async with opened(own) as plane:
        yield plane


@pytest.fixture
def plane(one_plane: Opened) -> Opened:
    """A control plane on this machine alone, where whoever asks is a presenter; as if new."""
    control = one_plane.control
    control.stop(None)
    control.choose("default")
    control.instances = control.book.instances = Instances()
    control.hits = HitBook()
    return one_plane


@pytest.fixture
def clock() -> Clock:
    return Clock()
