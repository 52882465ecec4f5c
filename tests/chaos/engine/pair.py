"""A service that calls another over a real socket, each with faults of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import pytest
import uvicorn
from fastapi import APIRouter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from acme.launcher.sockets import listen, port_of
from chaos.engine.connection import with_connection
from chaos.engine.model import Fault, Snapshot
from shared.errors import ShopError
from shared.http import Peer
from shared.runtime import Runtime
from shared.service import create_service
from shared.settings import GatewaySettings, OrdersSettings
from tests.faulty import faults_in, open_runtime

ROUTE = "/order/{order_id}"
Work = Callable[[], Any]


class Pair:
    """A gateway that calls orders, each with its own faults, over a socket. `work` is what the
    route does, and `done` what it did.
    """

    def __init__(
        self,
        gateway: Runtime,
        orders: Runtime,
        spans: InMemorySpanExporter,
        done: list[str],
        work: list[Work],
    ) -> None:
        self.gateway, self.orders, self.spans, self.done = gateway, orders, spans, done
        self.work = work
        self.peer: Peer = gateway.peers.service("orders")

    def wait_for(self, seconds: float) -> None:
        """From now on the gateway waits so long for an answer."""
        self.peer = self.gateway.peers.service("orders", seconds / self.gateway.settings.timeout)

    def inject(self, side: str, hidden: bool = False, **effect: Any) -> None:
        """Makes this the only fault on that side from now on."""
        where = {"side": side}
        content = {"id": "the-fault", "hidden": hidden, "where": where, "effect": effect}
        fault = Fault.model_validate(content)
        to = self.orders if side == "server" else self.gateway
        faults_in(to).replace(Snapshot(faults=(fault,)))

    async def ask(self) -> Any:
        return await self.peer.get(ROUTE, dict, order_id="1")

    async def fails(self, kind: type[ShopError]) -> ShopError:
        with pytest.raises(kind) as raised:
            await self.ask()
        return raised.value

    def span(self, kind: SpanKind) -> ReadableSpan:
        """The last one that ended."""
        return [span for span in self.spans.get_finished_spans() if span.kind is kind][-1]

    @property
    def server(self) -> ReadableSpan:
        return self.span(SpanKind.SERVER)

    @property
    def client(self) -> ReadableSpan:
        return self.span(SpanKind.CLIENT)


def routes(done: list[str], work: Iterable[Work] = ()) -> APIRouter:
    router = APIRouter()

    @router.get(ROUTE)
    async def read_order(order_id: str) -> dict[str, str]:
        for part in work:
            part()
        done.append(order_id)
        return {"id": order_id, "note": "x" * 200}

    @router.post("/orders")
    async def place_order() -> dict[str, str]:
        done.append("placed")
        return {"id": "placed"}

    return router


class Server(uvicorn.Server):
    """One that leaves signals to the tests, and stops on `stopped`, not at its next look."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopped = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.stopped.wait()


@asynccontextmanager
async def served(app: Any, protocol: type) -> AsyncIterator[int]:
    socket = listen("127.0.0.1", 0)
    config = uvicorn.Config(app, http=with_connection(protocol), log_config=None, lifespan="off")
    server = Server(config)
    task = asyncio.create_task(server.serve([socket]))
    try:
        yield port_of(socket)
    finally:
        server.stopped.set()
        await task


async def until(true: Callable[[], Any], seconds: float = 10) -> None:
    """Polls until it is true."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.002)


def error_type(span: ReadableSpan) -> object:
    failed = span.status.status_code is StatusCode.ERROR
    return (span.attributes or {}).get("error.type") if failed else None


def status_of(span: ReadableSpan) -> object:
    return (span.attributes or {}).get("http.response.status_code")


def marked(span: ReadableSpan) -> object:
    return (span.attributes or {}).get("acmeshop.fault.id")


@asynccontextmanager
async def opened_pair(protocol: type) -> AsyncIterator[Pair]:
    """The two, of which orders speaks HTTP by that protocol of uvicorn's."""
    spans, done, work = InMemorySpanExporter(), list[str](), list[Work]()
    async with AsyncExitStack() as stack:
        orders = await stack.enter_async_context(open_runtime(OrdersSettings(), exporter=spans))
        app = create_service("orders", orders, routes(done, work))
        port = await stack.enter_async_context(served(app, protocol))
        known = GatewaySettings(urls={"orders": f"http://127.0.0.1:{port}"})
        gateway = await stack.enter_async_context(open_runtime(known, exporter=spans))
        yield Pair(gateway, orders, spans, done, work)
        faults_in(orders).replace(Snapshot(calm="all"))  # the server waits for whom it serves
