"""A few services in one process, each of which can be killed between any two of its steps and be
started again on what it had kept.
"""

import asyncio
import importlib
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

import httpx
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import get_current_span
from redis import Redis

from chaos.engine.hooks import FaultHooks
from chaos.watching import hooks_for
from shared.runtime import Runtime, Stores
from shared.settings import ServiceSettings, settings_for
from shared.stores.documents import Documents
from shared.stores.redis import Keys
from shared.stores.streams import Message, Stream
from shared.topology import BY_NAME
from shared.transport import Request, Response, Transport
from tests.inprocess import Switchboard

PATIENCE = 30.0


class Killed(BaseException):
    """Like SIGKILL: nothing of the process runs any more, no handler and no tidying up."""


class Life:
    """The life of one process; once `fatal` is given, it ends at that step. Looking around, which
    leaves no spans, is no step.
    """

    def __init__(self) -> None:
        self.fatal: int | None = None
        self.steps, self.looked, self.is_over = 0, 0, False

    def step(self) -> None:
        self.looked += 1
        if self.fatal is not None and get_current_span().is_recording():
            self.steps += 1
            self.is_over = self.is_over or self.steps >= self.fatal
        if self.is_over:
            raise Killed


class Stepwise:
    """Anything whose coroutines are steps: the process may end before one, and after it."""

    def __init__(self, thing: Any, life: Life) -> None:
        self._thing, self._life = thing, life

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._thing, name)
        return stepwise(member, self._life) if asyncio.iscoroutinefunction(member) else member


def stepwise(function: Callable[..., Awaitable[Any]], life: Life) -> Callable[..., Awaitable[Any]]:
    @wraps(function)
    async def between(*args: Any, **kwargs: Any) -> Any:
        if function.__name__ in {"close", "seed"}:
            return await function(*args, **kwargs)
        life.step()
        result = await function(*args, **kwargs)
        life.step()
        return result

    return between


class StepwiseTransport(Transport):
    def __init__(self, transport: Transport, life: Life) -> None:
        self.handle = stepwise(transport.handle_async_request, life)

    async def handle_async_request(self, request: Request) -> Response:
        response: Response = await self.handle(request)
        return response


class StepwiseStream(Stream):
    life: Life

    async def publish(self, body: Any) -> str:
        self.life.step()
        id_ = await super().publish(body)
        self.life.step()
        return id_

    async def consume(self, group: str, handle: Callable[[Message], Awaitable[None]]) -> None:
        await super().consume(group, stepwise(handle, self.life))


class MortalStores(Stores):
    """What a third party keeps goes on living: its books are no part of the process."""

    life: Life

    def documents(self, collection: str, *fields: str) -> Documents:
        documents: Documents = Stepwise(super().documents(collection, *fields), self.life)
        return documents

    def redis(self) -> Keys:
        keys: Keys = Stepwise(super().redis(), self.life)  # type: ignore[assignment]  # stands in
        return keys

    def stream(self, name: str) -> Stream:
        stream = StepwiseStream(super().redis(), name, self._telemetry, hooks=self._hooks)
        stream.life = self.life
        return stream


class MortalHooks(FaultHooks):
    """Each call of a peer, and of a third party, is a step."""

    life: Life

    def transport(self, wire: Transport, peer: str) -> Transport:
        return super().transport(StepwiseTransport(wire, self.life), peer)


@asynccontextmanager
async def mortal(
    settings: ServiceSettings, life: Life, transport: Transport, exporter: SpanExporter
) -> AsyncIterator[Runtime]:
    """The runtime of a process with that life."""
    hooks = MortalHooks(hooks_for(settings).engine)
    hooks.life = life
    opened = Runtime.open(settings, hooks=hooks, transport=transport, exporter=exporter)
    async with opened as runtime:
        stores = MortalStores(
            settings, runtime.telemetry, hooks, runtime.life, runtime.instrumentation
        )
        stores.life = life
        yield replace(runtime, stores=stores)


class Line(Transport):
    """The wire to a process: when that is killed, nobody answers."""

    def __init__(self, transport: Transport, life: Life) -> None:
        self._transport, self._life = transport, life
        self._calls = set[asyncio.Task[Any] | None]()

    async def handle_async_request(self, request: Request) -> Response:
        if self._life.is_over:
            raise httpx.ConnectError("nobody listens there", request=request)
        call = asyncio.current_task()
        self._calls.add(call)
        try:
            return await self._transport.handle_async_request(request)
        except Killed:
            raise httpx.ReadError("hung up", request=request) from None
        finally:
            self._calls.discard(call)

    async def quiet(self) -> None:
        """Returns when the last call is over."""
        while calls := list(filter(None, self._calls)):
            await asyncio.wait(calls)


class World(httpx.AsyncClient):
    """The services by name, and a client that reaches each of them by its URL."""

    def __init__(self, data: Path, environ: Mapping[str, str]) -> None:
        self.board, self.spans = Switchboard(), InMemorySpanExporter()
        self.lives: dict[str, Life] = {}
        self.hooks: dict[str, FaultHooks] = {}
        self._data, self._environ = data, environ
        self._stacks: dict[str, AsyncExitStack] = {}
        self._lines: dict[str, Line] = {}
        super().__init__(transport=self.board, timeout=PATIENCE)

    async def begin(self, *services: str, **environ: str) -> None:
        """Starts them, also those that run or were killed."""
        for service in services:
            await self.end(service)
            stack = self._stacks[service] = AsyncExitStack()
            given = {**self._environ, **environ, "ACME_DATA": str(self._data)}
            settings, life = settings_for(service, given), Life()
            opened = mortal(settings, life, self.board, self.spans)
            runtime = await stack.enter_async_context(opened)
            app = importlib.import_module(f"services.{service}.app").create_app(runtime)
            await runtime.start()
            self.lives[service] = life
            assert isinstance(runtime.hooks, FaultHooks)
            self.hooks[service] = runtime.hooks
            line = Line(httpx.ASGITransport(app, raise_app_exceptions=False), life)
            self.board.lines[BY_NAME[service].port] = self._lines[service] = line

    async def end(self, service: str) -> None:
        """A call that is still in the process would open what has been closed, and leave it so."""
        if stack := self._stacks.pop(service, None):
            del self.board.lines[BY_NAME[service].port]
            await self._lines.pop(service).quiet()
            with suppress(Killed):
                await stack.aclose()

    async def ask(self, method: str, service: str, path: str, **more: Any) -> httpx.Response:
        """An answer of the service; 503 when there is none."""
        url = f"http://127.0.0.1:{BY_NAME[service].port}{path}"
        try:
            return await self.request(method, url, **more)
        except httpx.TransportError:
            return httpx.Response(503)

    def publish(self, stream: str, body: Any) -> None:
        """Adds an event as from another service, in no trace."""
        with Redis.from_url(self._environ["REDIS_URL"]) as redis:
            redis.xadd(stream, {"body": json.dumps(body)})

    def unpublish(self, stream: str) -> None:
        """Has Redis lose all that is in a stream."""
        with Redis.from_url(self._environ["REDIS_URL"]) as redis:
            redis.delete(stream)

    def kept(self, owner: str, collection: str) -> dict[str, dict[str, Any]]:
        """What somebody keeps, by id, read past the program."""
        path = self._data / f"{owner}.sqlite"
        if not path.exists():
            return {}
        with closing(sqlite3.connect(path)) as database:
            sql = f"SELECT id, body FROM {collection}"  # noqa: S608 - a name of ours
            rows = database.execute(sql).fetchall()
        return {id_: json.loads(body) for id_, body in rows}


@asynccontextmanager
async def open_world(data: Path, environ: Mapping[str, str]) -> AsyncIterator[World]:
    async with World(data, environ) as world:
        try:
            yield world
        finally:
            for service in list(world.lives):
                await world.end(service)


async def until(true: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Returns once it is true; raises TimeoutError when that takes too long."""
    end = time.monotonic() + patience
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("it did not become true")
        await asyncio.sleep(0.02)
