"""The pictures of the products, as a browser gets them."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.pictures import pictures
from shared.service import Runtime, create_service
from shared.settings import GatewaySettings


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
async def browser(tmp_path: Path, spans: InMemorySpanExporter) -> AsyncIterator[httpx.AsyncClient]:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "kettle-1.svg").write_text("<svg/>")
    (tmp_path / "secret.svg").write_text("<svg/>")
    settings = GatewaySettings.read({})
    async with Runtime.open(settings, exporter=spans) as runtime:
        app = create_service("gateway", runtime, pictures(folder))
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://shop"
        ) as client:
            yield client


async def test_a_picture_is_kept_by_the_browser_and_can_run_nothing(
    browser: httpx.AsyncClient,
) -> None:
    answer = await browser.get("/pictures/kettle-1.svg")

    assert answer.text == "<svg/>"
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_picture_leaves_no_trace(
    browser: httpx.AsyncClient, spans: InMemorySpanExporter
) -> None:
    await browser.get("/pictures/kettle-1.svg")

    assert spans.get_finished_spans() == ()


@pytest.mark.parametrize("name", ["kettle-9.svg", "..%2Fsecret.svg", "%2E%2E/secret.svg"])
async def test_what_is_no_picture_is_not_found(browser: httpx.AsyncClient, name: str) -> None:
    assert (await browser.get(f"/pictures/{name}")).status_code == 404
