"""The storefront over a made-up gateway and lens, and a browser that has cookies only."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from html import unescape
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.frontend.app import create_app
from shared import answers
from shared.errors import NotFound
from shared.runtime import Runtime
from shared.settings import FrontendSettings
from tests.faulty import faults_in, open_runtime
from tests.inprocess import Switchboard
from tests.services.frontend.fake_gateway import Shop, routes

GATEWAY, LENS = 5000, 16686
FORM_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


class Browser(httpx.AsyncClient):
    """A browser without JavaScript. `shop` is what lies behind the gateway, `stories` what lens
    tells by trace id.
    """

    def __init__(
        self, app: FastAPI, runtime: Runtime, board: Switchboard, spans: InMemorySpanExporter
    ) -> None:
        super().__init__(transport=httpx.ASGITransport(app), base_url="http://shop.test")
        self.app, self.faults, self.board, self._spans = app, faults_in(runtime), board, spans
        self.shop, self.stories = Shop(), dict[str, Any]()
        for port, router in ((GATEWAY, routes(self.shop)), (LENS, lens(self.stories))):
            service = FastAPI()
            service.include_router(router)
            answers.install(service)
            board.lines[port] = httpx.ASGITransport(service)

    @property
    def roots(self) -> list[ReadableSpan]:
        """The SERVER spans of the storefront, one for each request that is traced."""
        return [span for span in self._spans.get_finished_spans() if span.parent is None]

    async def send_form(self, path: str, **fields: str) -> httpx.Response:
        """Sends a form as our own pages have it, and does not follow where it leads."""
        token = self.cookies.get("shop_form") or await self.form_token()
        return await self.post(path, data={"form_token": token, **fields})

    async def form_token(self) -> str:
        found = FORM_TOKEN.search((await self.get("/login")).text)
        assert found is not None
        return found[1]

    async def log_in(self, username: str = "eric") -> None:
        answer = await self.send_form("/login/demo", username=username)
        assert answer.status_code == 303, answer.text


def lens(stories: dict[str, Any]) -> APIRouter:
    router = APIRouter()

    @router.get("/lens/api/traces/{trace_id}")
    async def read(trace_id: str) -> Any:
        if trace_id not in stories:
            raise NotFound(f"there is no trace {trace_id}")
        return stories[trace_id]

    return router


class OpenBrowser(Protocol):
    async def __call__(self, **environ: str) -> Browser: ...


@pytest.fixture
async def browser_with(tmp_path: Path) -> AsyncIterator[OpenBrowser]:
    """Opens a storefront with the given variables in its environment."""
    async with AsyncExitStack() as stack:

        async def open_with(**environ: str) -> Browser:
            board, spans = Switchboard(), InMemorySpanExporter()
            settings = FrontendSettings.read(environ)
            opened = open_runtime(settings, transport=board, exporter=spans)
            runtime = await stack.enter_async_context(opened)
            app = create_app(runtime)
            return await stack.enter_async_context(Browser(app, runtime, board, spans))

        yield open_with


@pytest.fixture
async def browser(browser_with: OpenBrowser) -> Browser:
    return await browser_with()


def plain(html: str) -> str:
    """The words of a page, as one reads them."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())
