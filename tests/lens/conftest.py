"""What the tests of lens share: a store in a folder of its own, and lens over it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from lens.routes import api, importing, otlp, zipkin
from lens.routes.jaeger import v1, v3
from lens.routes.pages import routes as page_routes
from lens.store import TraceStore
from shared import answers
from tests.lens.paged import EXAMPLE, Keep
from tests.lens.pages_traces import Recorder


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


@pytest.fixture
async def pages(store: TraceStore) -> AsyncIterator[httpx.AsyncClient]:
    """The explorer's pages alone."""
    app = FastAPI()
    app.include_router(page_routes(store, example=EXAMPLE))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def keep(store: TraceStore) -> Keep:
    async def keep(*traces: Recorder) -> None:
        for trace in traces:
            assert store.offer(trace.spans)
            assert not trace.logs or store.offer_logs(trace.logs)
        await store.flushed()

    return keep
