"""All that a service is lent by the outside world."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from opentelemetry.context import attach, detach
from opentelemetry.sdk.trace.export import SpanExporter

from shared.faults.effects import FaultyTransport
from shared.faults.engine import Faults
from shared.faults.model import Effect, Fault
from shared.http import Peer, Pretended, Transport, Wire
from shared.settings import Settings
from shared.stores.documents import Documents
from shared.stores.sqlite import SqliteDocuments
from shared.telemetry.decorator import tracing_with
from shared.telemetry.provider import Telemetry
from shared.topology import BY_NAME


@dataclass
class Runtime:
    """What the outside world lends a service: settings, telemetry, faults, the wire to the others,
    stores.

    Open one with `async with Runtime.open(settings)`, hand it to the service's `create_app`, then
    `start` it: that awaits what the parts registered with `starting`. What they registered with
    `closing` is closed at the end, last registered first, and the telemetry after all.
    """

    settings: Settings
    telemetry: Telemetry
    transport: Transport
    faults: Faults
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    starts: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    stops: list[Callable[[], None]] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        settings: Settings,
        *,
        transport: Transport | None = None,
        exporter: SpanExporter | None = None,
    ) -> AsyncIterator["Runtime"]:
        """A runtime for one service; `transport` and `exporter` stand in for the network (for
        tests).
        """
        telemetry = Telemetry.open(settings, exporter)
        try:
            async with AsyncExitStack() as stack:
                if transport is None:
                    transport = Wire()
                    stack.push_async_callback(transport.aclose)
                faults = Faults(faults_of(settings), settings.seed)
                yield cls(settings, telemetry, transport, faults, stack)
        finally:
            telemetry.close()

    def starting(self, start: Callable[[], Awaitable[None]]) -> None:
        """Has `start` awaited before the first request."""
        self.starts.append(start)

    async def start(self) -> None:
        token = attach(tracing_with(self.telemetry.tracer))  # for the tasks that are started here
        try:
            for start in self.starts:
                await start()
        finally:
            detach(token)

    def stopping(self, stop: Callable[[], None]) -> None:
        """Has `stop` called once no new request is taken: for what would keep old ones waiting."""
        self.stops.append(stop)

    def stop(self) -> None:
        for stop in self.stops:
            stop()

    def closing(self, close: Callable[[], Awaitable[None] | None]) -> None:
        """Has `close` called, and awaited if need be, when the runtime ends."""

        async def call() -> None:
            if inspect.isawaitable(result := close()):
                await result

        self.stack.push_async_callback(call)

    def peer(self, name: str) -> Peer:
        """Another service of the shop, if the topology table lists it as one that this service
        calls.
        """
        if name not in BY_NAME[self.settings.service].calls:
            raise ValueError(
                f"{self.settings.service} does not call {name}: see shared/topology.py"
            )
        return self._peer(name, self.settings.urls[name], self.transport)

    def outside(self, name: str, url: str, system: Pretended) -> Peer:
        """A system that is not ours, if the topology table lists it; pretended, but called in
        earnest.
        """
        if name not in BY_NAME[self.settings.service].outside:
            raise ValueError(
                f"{self.settings.service} does not call {name}: see shared/topology.py"
            )
        return self._peer(name, url, system)

    def _peer(self, name: str, url: str, transport: Transport) -> Peer:
        faulty = FaultyTransport(transport, name, self.faults)
        return Peer(name, url, faulty, self.telemetry, timeout=self.settings.timeout)

    def documents(self, collection: str) -> Documents:
        """The service's documents of one kind."""
        path = self.settings.data / f"{self.settings.service}.sqlite"
        store = SqliteDocuments(path, collection, self.telemetry.tracer)
        self.closing(store.close)
        return store


def faults_of(settings: Settings) -> list[Fault]:
    """The faults a service starts with: its row's own, at the rate its settings say, and the
    latency they add.
    """
    name, own = settings.service, BY_NAME[settings.service].faults
    faults = list(own)
    if settings.failure_rate is not None:
        faults = [fault.model_copy(update={"rate": settings.failure_rate}) for fault in own] or [
            Fault(
                id=f"{name}-failure",
                title=f"{name} answers 503 to a share of its requests; their SERVER spans turn red",
                rate=settings.failure_rate,
                effect=Effect(status=503),
            )
        ]
    if settings.latency:
        faults.append(
            Fault(
                id=f"{name}-latency",
                title=f"{name} waits before each answer; its SERVER spans grow by as much",
                effect=Effect(latency_ms=settings.latency * 1000),
            )
        )
    return faults
