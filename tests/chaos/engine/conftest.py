"""What the tests of the fault engine share."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.protocols.http.h11_impl import H11Protocol

from shared.runtime import Runtime
from shared.settings import ShippingSettings
from tests.chaos.engine.pair import Pair, opened_pair
from tests.faulty import open_runtime


@pytest.fixture(params=[AutoHTTPProtocol, H11Protocol], ids=["auto", "h11"])
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    """A gateway that calls orders over a socket, by each of the protocols there are."""
    async with opened_pair(request.param) as both:
        yield both


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
async def shipping(
    tmp_path: Path, empty_redis: Callable[[], str], spans: InMemorySpanExporter
) -> AsyncIterator[Runtime]:
    """What a service has that keeps documents, reads a stream and calls the outside."""
    settings = ShippingSettings(data=tmp_path, redis_url=empty_redis())
    async with open_runtime(settings, exporter=spans) as runtime:
        yield runtime
