"""All that a service is lent by the outside world."""

# ruff: noqa: PLC0415 - the clients of MongoDB and of Redis are heavy: only for those who ask

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Generic

from opentelemetry.context import attach, detach
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.trace import NoOpTracer, Tracer
from typing_extensions import TypeVar

from chaos.defaults import faults_of
from chaos.engine.client import FaultyTransport
from chaos.engine.effect import BehaviorName
from chaos.engine.engine import Faults
from chaos.engine.points import point
from shared.http import Breaker, Peer, Pretended, Transport, Wire
from shared.repeating import repeating
from shared.settings import ServiceSettings
from shared.stores.documents import Documents
from shared.stores.sqlite import SqliteDocuments
from shared.telemetry import current
from shared.telemetry.provider import Telemetry
from shared.topology import BY_NAME

if TYPE_CHECKING:
    from shared.stores.mongo import MongoClient
    from shared.stores.redis import Keys
    from shared.stores.streams import Stream


S_co = TypeVar("S_co", bound=ServiceSettings, default=ServiceSettings, covariant=True)


@dataclass
class Runtime(Generic[S_co]):
    """What the outside world lends a service: settings, telemetry, faults, the wire to the others,
    stores.

    Open one with `async with Runtime.open(settings)`, hand it to the service's `create_app`, then
    `start` it: that awaits what the parts registered with `starting`. What they registered with
    `closing` is closed at the end, last registered first, and the telemetry after all.
    """

    settings: S_co
    telemetry: Telemetry
    transport: Transport
    faults: Faults
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    starts: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    stops: list[Callable[[], None]] = field(default_factory=list)
    mongo: "MongoClient | None" = None
    keys: "Keys | None" = None

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        settings: S_co,  # type: ignore[misc]  # it makes a runtime: none that exists takes it
        *,
        transport: Transport | None = None,
        exporter: SpanExporter | None = None,
    ) -> AsyncIterator["Runtime[S_co]"]:
        """A runtime for one service; `transport` and `exporter` stand in for the network (for
        tests).
        """
        current.install()
        telemetry = Telemetry.open(settings, exporter)
        try:
            async with AsyncExitStack() as stack:
                if transport is None:
                    transport = Wire()
                    stack.push_async_callback(transport.aclose)
                faults = Faults(faults_of(settings), settings.seed, service=settings.service)
                yield cls(settings, telemetry, transport, faults, stack)
        finally:
            telemetry.close()

    def starting(self, start: Callable[[], Awaitable[None]]) -> None:
        """Has `start` awaited before the first request."""
        self.starts.append(start)

    async def start(self) -> None:
        # For the tasks that are started here.
        token = attach(current.with_telemetry(self.telemetry))
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

    def peer(self, name: str, within: float = 1.0, breaker: Breaker | None = None) -> Peer:
        """Another service of the shop, if the topology table lists it as one that this service
        calls. A call of it gets the share `within` of the total deadline.
        """
        self._check(name, BY_NAME[self.settings.service].calls)
        peer = self._peer(name, self.settings.urls[name], self.transport, within)
        peer.breaker = breaker
        return peer

    def outside(self, name: str, url: str, system: Pretended, within: float = 1.0) -> Peer:
        """A system that is not ours, if the topology table lists it; pretended, but called in
        earnest.
        """
        self._check(name, BY_NAME[self.settings.service].outside)
        return self._peer(name, url, system, within)

    def _check(self, name: str, allowed: tuple[str, ...]) -> None:
        if name not in allowed:
            told = f"{self.settings.service} has nothing to do with {name}"
            raise ValueError(f"{told}: see shared/topology.py")

    def _peer(self, name: str, url: str, transport: Transport, within: float) -> Peer:
        faulty = FaultyTransport(transport, name, self.faults)
        timeout = self.settings.timeout * within
        return Peer(name, url, faulty, self.telemetry, timeout=timeout, faults=self.faults)

    def documents(self, collection: str, *fields: str) -> Documents:
        """The service's documents of one kind, with an index for each of the `fields`."""
        tracer = self.telemetry.tracer
        return self._documents(self.settings.service, collection, fields, tracer, self.faults)

    def books(self, system: str, collection: str, *fields: str) -> Documents:
        """Documents of a pretended system outside the shop: kept like ours, but in no trace."""
        return self._documents(system, collection, fields, NoOpTracer(), Faults())

    def _documents(
        self,
        owner: str,
        collection: str,
        fields: tuple[str, ...],
        tracer: Tracer,
        faults: Faults,
    ) -> Documents:
        if self.settings.mongo_url:
            return self._in_mongo(owner, collection, fields, tracer, faults)
        path = self.settings.data / f"{owner}.sqlite"
        store = SqliteDocuments(path, collection, fields, tracer, faults=faults)
        self.closing(store.close)
        return store

    def _in_mongo(
        self,
        owner: str,
        collection: str,
        fields: tuple[str, ...],
        tracer: Tracer,
        faults: Faults,
    ) -> Documents:
        from shared.stores.mongo import MongoDocuments, connect

        if self.mongo is None:
            self.mongo = connect(self.settings.mongo_url, self.settings.timeout)
            self.closing(self.mongo.close)
        store = MongoDocuments(self.mongo, owner, collection, fields, tracer, faults=faults)
        self.starting(store.prepare)
        return store

    def redis(self) -> "Keys":
        """What the service keeps in Redis, if the topology table says that it needs one."""
        if not BY_NAME[self.settings.service].needs_redis:
            raise ValueError(f"{self.settings.service} needs no Redis: see shared/topology.py")
        from shared.stores.redis import Keys

        if self.keys is None:
            told, tracer = self.settings, self.telemetry.tracer
            self.keys = Keys.connect(told.redis_url, tracer, told.timeout, self.faults)
            self.closing(self.keys.close)
        return self.keys

    def stream(self, name: str) -> "Stream":
        """A stream of events, if the topology table says that the service publishes or consumes
        it.
        """
        from shared.stores.streams import Stream

        row = BY_NAME[self.settings.service]
        self._check(name, row.publishes + row.consumes)
        return Stream(self.redis(), name, self.telemetry)

    @property
    def point(self) -> Callable[..., Coroutine[Any, Any, None]]:
        """`await point("payment.charge", **values)`: a place in the service's code where faults may
        strike. It is the engine's own function: a line of ours in a stack trace would tell of it.
        """
        return partial(point, self.faults)

    def behaves(self, name: BehaviorName, **values: Any) -> bool:
        """Whether the service's code goes the way called `name` here: a bug, or a remedy."""
        return self.faults.behaves(name, **values)

    def background(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Has `work` run beside the requests, from the start until the end of the runtime. It must
        not end by itself.
        """

        async def start() -> None:
            task = asyncio.create_task(work())

            async def end() -> None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

            self.closing(end)

        self.starting(start)

    def every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        """Has `work` done at the start and then every so often; a failure is logged, and the next
        time is another try.
        """

        self.background(repeating(seconds, work))
