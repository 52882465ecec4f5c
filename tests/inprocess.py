"""The whole shop in one process: real HTTP semantics, real traces, no sockets."""

import asyncio
import contextvars
import importlib
from collections.abc import AsyncIterator, Container, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cached_property

import httpx
from fastapi import FastAPI
from opentelemetry.context import Context, attach
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.runtime import Runtime
from shared.settings import settings_for
from shared.telemetry.current import with_telemetry
from shared.topology import BY_NAME, SERVICES
from tests.faulty import open_runtime
from traces.testing import InMemory, Tracing

ALL = frozenset(row.name for row in SERVICES if row.traced)


class Switchboard(httpx.AsyncBaseTransport):
    """Answers for every service by its port; unplug one to take it down.

    Each call runs in a task with an empty context: nothing but its headers shows the callee what
    it belongs to, as between processes.
    """

    def __init__(self) -> None:
        self.lines: dict[int, httpx.AsyncBaseTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        line = self.lines.get(request.url.port or 80)
        if line is None:
            raise httpx.ConnectError("nobody listens there", request=request)
        loop = asyncio.get_running_loop()
        hop = loop.create_task(line.handle_async_request(request), context=contextvars.Context())
        return await hop


class InItsContext:
    """A service whose requests begin in its context, as they do in a process of its own: where the
    SERVER span is not ours, whoever makes it must find the service's formats and providers.
    """

    def __init__(self, app: ASGIApp, runtime: Runtime) -> None:
        self._app, self._home = app, with_telemetry(runtime.telemetry, Context())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        attach(self._home)  # in the task of this one request
        await self._app(scope, receive, send)


class Line(httpx.AsyncBaseTransport):
    """A service that is put together and started when it is called for the first time: most tests
    call few of eleven.
    """

    def __init__(self, runtime: Runtime, spans: InMemorySpanExporter) -> None:
        self.runtime, self._spans = runtime, spans
        self._starting, self._started = asyncio.Lock(), False

    @cached_property
    def app(self) -> FastAPI:
        name = self.runtime.settings.service
        app: FastAPI = importlib.import_module(f"services.{name}.app").create_app(self.runtime)
        return app

    @cached_property
    def transport(self) -> httpx.ASGITransport:
        at_work = InItsContext(self.app, self.runtime)
        return httpx.ASGITransport(at_work, raise_app_exceptions=False)

    async def start(self) -> None:
        async with self._starting:
            if not self._started:
                _ = self.app  # whose parts say what is to be started
                await self.runtime.start()
                self._forget_spans()
                self._started = True

    def _forget_spans(self) -> None:
        """Nobody called it before: all its spans so far are of its start."""
        ended = self._spans.get_finished_spans()
        self._spans.clear()
        own = self.runtime.settings.service
        self._spans.export([s for s in ended if s.resource.attributes["service.name"] != own])

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not self._started:
            await self.start()
        return await self.transport.handle_async_request(request)


class Shop(httpx.AsyncClient):
    """A client of the gateway, and by absolute URL of every service, that remembers its traces."""

    def __init__(self, board: Switchboard) -> None:
        self.board, self.spans = board, InMemorySpanExporter()
        self.runtimes: dict[str, Runtime] = {}
        self.tracing = Tracing(InMemory(self.spans))

        async def note(response: httpx.Response) -> None:
            self.tracing.note(response.headers.get("traceresponse"))

        super().__init__(
            transport=board,
            base_url=f"http://127.0.0.1:{BY_NAME['gateway'].port}",
            event_hooks={"response": [note]},
        )

    def unplug(self, service: str) -> None:
        del self.board.lines[BY_NAME[service].port]

    def url(self, service: str, path: str) -> str:
        return f"http://127.0.0.1:{BY_NAME[service].port}{path}"


@asynccontextmanager
async def open_shop(environ: Mapping[str, str], only: Container[str] = ALL) -> AsyncIterator[Shop]:
    """The traced services of the table, each with its own provider and all with one memory."""
    board = Switchboard()
    async with Shop(board) as shop, AsyncExitStack() as stack:
        for service in (row for row in SERVICES if row.name in only):
            settings = settings_for(service.name, environ)
            opened = open_runtime(settings, transport=board, exporter=shop.spans)
            runtime = await stack.enter_async_context(opened)
            shop.runtimes[service.name] = runtime
            board.lines[service.port] = line = Line(runtime, shop.spans)
            if service.consumes:
                await line.start()
            stack.callback(hang_up, runtime, board)
        yield shop


def hang_up(runtime: Runtime, board: Switchboard) -> None:
    """Before its runtime closes, a service takes no more calls, as when its process ends."""
    board.lines.pop(BY_NAME[runtime.settings.service].port, None)
    runtime.life.stop()
