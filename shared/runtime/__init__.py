"""What a service depends on, in parts: settings, telemetry, hooks, instrumentation, lifecycle,
peers, stores.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic

from opentelemetry.context import attach, detach
from opentelemetry.sdk.trace.export import SpanExporter
from typing_extensions import TypeVar

from shared.hooks import NO_HOOKS, Hooks
from shared.http import Transport, Wire
from shared.instrumentation import Instrumentation, chosen
from shared.runtime.lifecycle import Lifecycle
from shared.runtime.peers import Peers
from shared.runtime.stores import Stores
from shared.settings import ServiceSettings
from shared.telemetry import global_providers
from shared.telemetry.current import with_telemetry
from shared.telemetry.provider import Telemetry

__all__ = ["Lifecycle", "Peers", "Runtime", "Stores"]

S_co = TypeVar("S_co", bound=ServiceSettings, default=ServiceSettings, covariant=True)


@dataclass(frozen=True)
class Runtime(Generic[S_co]):
    """The dependencies of one service.

    Open one with `async with Runtime.open(settings)`, hand it to the service's `create_app`, then
    `start` it.
    """

    settings: S_co
    telemetry: Telemetry
    hooks: Hooks
    instrumentation: Instrumentation
    life: Lifecycle
    peers: Peers
    stores: Stores

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        settings: S_co,  # type: ignore[misc]  # it makes a runtime: none that exists takes it
        *,
        hooks: Hooks = NO_HOOKS,
        transport: Transport | None = None,
        exporter: SpanExporter | None = None,
    ) -> AsyncIterator["Runtime[S_co]"]:
        """A runtime for one service; `transport` and `exporter` stand in for the network (for
        tests). What its parts opened is closed at the end, and the telemetry after all.
        """
        global_providers.install()
        telemetry = Telemetry.open(settings, exporter)
        life = Lifecycle()
        try:
            async with life.stack:
                if transport is None:
                    transport = Wire()
                    life.closing(transport.aclose)
                instrumentation = chosen(settings, telemetry)
                life.closing(instrumentation.close)
                peers = Peers(settings, instrumentation, transport, hooks)
                stores = Stores(settings, telemetry, hooks, life, instrumentation)
                yield cls(settings, telemetry, hooks, instrumentation, life, peers, stores)
        finally:
            telemetry.close()

    async def start(self) -> None:
        """Awaits what the parts registered with `life.starting`; their tasks are traced."""
        token = attach(with_telemetry(self.telemetry))
        try:
            await self.life.start()
        finally:
            detach(token)
