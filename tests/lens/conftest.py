"""What the tests of lens share: a store in a folder of its own, and lens over it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from lens.routes import api, importing, otlp, zipkin
from lens.routes.jaeger import v1, v3
from lens.store import TraceStore
from shared import answers


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TraceStore]:
    store = TraceStore(tmp_path / "lens.sqlite", max_traces=1_000, max_mb=64)
    yield store
    store.close()


@pytest.fixture
def app(store: TraceStore) -> FastAPI:
    """All of lens but its pages."""
    app = FastAPI()
    answers.install(app)
    for part in (otlp, v1, v3, api, importing, zipkin):
        app.router.routes.extend(part.routes(store).routes)
    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
