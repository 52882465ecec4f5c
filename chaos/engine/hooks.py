"""The hooks of a service that fails on purpose: where its faults are injected."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from starlette.types import ASGIApp

from chaos.engine.effect import BEHAVIORS
from chaos.engine.engine import FaultEngine
from chaos.engine.inside import FaultyHandler, FaultyPublisher, point, store_faults
from chaos.engine.policies import deadline_for_each_read, retry_immediately
from chaos.engine.route import FaultyRoute
from chaos.engine.rpc import faulty_rpc
from chaos.engine.transport import FaultyTransport
from shared.hooks import Choice, Entry, Notice, Publish
from shared.http.policy import NO_WAIT, CallPolicy
from shared.transport import Transport

T = TypeVar("T")
E = TypeVar("E", bound=Entry)
ATTEMPTS = 3


class FaultHooks:
    """Injects the faults of one service, as its `engine` decides. Where there are none, each hook
    looks at one attribute and does nothing.
    """

    def __init__(self, engine: FaultEngine) -> None:
        self.engine = engine
        self._only_connection = asyncio.Lock()

    def policy(self, peer: str, normal: CallPolicy, method: str) -> CallPolicy:
        engine, policy = self.engine, normal
        if policy.breaker is not None and (key := engine.share_key()):
            policy = replace(policy, breaker_key=key)
        if engine.registry.behaviors:
            policy = self._misbehaving(policy, peer, method)
        if engine.registry.pools:
            policy = replace(policy, pool=partial(engine.pool, "client", peer=peer))
        return policy

    def _misbehaving(self, policy: CallPolicy, peer: str, method: str) -> CallPolicy:
        if method == "GET" and self.engine.behaves("retries", peer=peer):
            policy = replace(policy, attempts=ATTEMPTS)
        if self.engine.behaves("naive_retries", peer=peer):
            policy = replace(policy, attempts=ATTEMPTS, retry=retry_immediately, breaker=None)
        if self.engine.behaves("no_timeout", peer=peer):
            policy = replace(policy, exchange=deadline_for_each_read)
        return policy

    def transport(self, wire: Transport, peer: str) -> Transport:
        return FaultyTransport(wire, peer, self.engine)

    def route(self, app: ASGIApp, template: str, methods: Collection[str] = ()) -> ASGIApp:
        self.engine.routes.update(f"{method} {template}" for method in methods)
        return FaultyRoute(app, template, self.engine)

    async def rpc(
        self,
        work: Callable[[], Awaitable[T]],
        place: str,
        header: Callable[[str], str | None],
        values: Mapping[str, Any],
    ) -> T:
        return await faulty_rpc(self.engine, work, place, header, values)

    def connection(self, operation: str, target: str) -> AbstractAsyncContextManager[None]:
        if not (self.engine.registry.pools or self.engine.registry.behaviors):
            return NO_WAIT
        return self._connection(f"{operation} {target}")

    @asynccontextmanager
    async def _connection(self, place: str) -> AsyncIterator[None]:
        single = self.engine.behaves("single_connection")
        only: AbstractAsyncContextManager[None] = self._only_connection if single else NO_WAIT
        async with self.engine.pool("store", place), only:
            yield

    async def operation(self, operation: str, target: str) -> None:
        if self.engine.registry.store:
            await store_faults(self.engine, operation, target)

    def publisher(self, publish: Publish, stream: str) -> Publish:
        return FaultyPublisher(publish, stream, self.engine)

    def handler(
        self, handle: Callable[[E], Awaitable[None]], stream: str
    ) -> Callable[[E], Awaitable[None]]:
        return FaultyHandler(handle, stream, self.engine)

    async def point(self, name: str, **values: Any) -> None:
        if self.engine.registry.point:
            await point(self.engine, name, **values)

    def choose(self, normal: T, **variants: T) -> Choice[T]:
        if unknown := set(variants) - set(BEHAVIORS):
            raise ValueError(f"no behavior is called {', '.join(sorted(unknown))}")
        known: Mapping[Any, T] = variants

        def chosen(**values: Any) -> T:
            if self.engine.registry.behaviors:
                for name, variant in known.items():
                    if self.engine.behaves(name, **values):
                        return variant
            return normal

        return chosen

    def share_key(self) -> str:
        return self.engine.share_key()

    def is_ready(self) -> bool:
        return not self.engine.registry.is_unready()

    def notice(self, baggage: Mapping[str, str]) -> Notice | None:
        return self.engine.notice(baggage)

    def is_exercise(self, baggage: Mapping[str, str]) -> bool:
        return self.engine.is_exercise(baggage)
