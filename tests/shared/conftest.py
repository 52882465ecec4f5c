"""What the tests of what all services share have in common."""

from collections.abc import AsyncIterator

import pytest
from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.shared.struck import Pair, opened_pair


@pytest.fixture(params=[AutoHTTPProtocol, H11Protocol], ids=["auto", "h11"])
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    """A gateway that calls orders over a socket, by each of the protocols there are."""
    async with opened_pair(request.param) as both:
        yield both
