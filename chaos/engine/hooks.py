"""The hooks of a service that fails on purpose: where its faults are injected."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from starlette.types import ASGIApp

from chaos.engine.client import FaultyTransport
from chaos.engine.effect import BEHAVIORS
from chaos.engine.engine import Faults
from chaos.engine.points import point
from chaos.engine.policies import deadline_for_each_read, retry_immediately
from chaos.engine.server import FaultyRoute
from chaos.engine.stores import store_faults
from chaos.engine.streams import FaultyHandler, FaultyPublisher
from shared.hooks import Choice, Entry, Notice, Publish
from shared.http.policy import NO_WAIT, CallPolicy
from shared.transport import Transport

T = TypeVar("T")
E = TypeVar("E", bound=Entry)
ATTEMPTS = 3


class FaultHooks:
    """Injects the `faults` of one service. Where there are none, each hook looks at one attribute
    and does nothing.
    """

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._only_connection = asyncio.Lock()

    def policy(self, peer: str, normal: CallPolicy, method: str) -> CallPolicy:
        faults, policy = self.faults, normal
        if policy.breaker is not None and (key := faults.share_key()):
            policy = replace(policy, breaker_key=key)
        if faults.behaviors:
            policy = self._misbehaving(policy, peer, method)
        if faults.pools:
            policy = replace(policy, pool=partial(faults.pool, "client", peer=peer))
        return policy

    def _misbehaving(self, policy: CallPolicy, peer: str, method: str) -> CallPolicy:
        if method == "GET" and self.faults.behaves("retries", peer=peer):
            policy = replace(policy, attempts=ATTEMPTS)
        if self.faults.behaves("naive_retries", peer=peer):
            policy = replace(policy, attempts=ATTEMPTS, retry=retry_immediately, breaker=None)
        if self.faults.behaves("no_timeout", peer=peer):
            policy = replace(policy, exchange=deadline_for_each_read)
        return policy

    def transport(self, wire: Transport, peer: str) -> Transport:
        return FaultyTransport(wire, peer, self.faults)

    def route(self, app: ASGIApp, template: str) -> ASGIApp:
        return FaultyRoute(app, template, self.faults)

    def connection(self, operation: str, target: str) -> AbstractAsyncContextManager[None]:
        if not (self.faults.pools or self.faults.behaviors):
            return NO_WAIT
        return self._connection(f"{operation} {target}")

    @asynccontextmanager
    async def _connection(self, place: str) -> AsyncIterator[None]:
        single = self.faults.behaves("single_connection")
        only: AbstractAsyncContextManager[None] = self._only_connection if single else NO_WAIT
        async with self.faults.pool("store", place), only:
            yield

    async def operation(self, operation: str, target: str) -> None:
        if self.faults.store:
            await store_faults(self.faults, operation, target)

    def publisher(self, publish: Publish, stream: str) -> Publish:
        return FaultyPublisher(publish, stream, self.faults)

    def handler(
        self, handle: Callable[[E], Awaitable[None]], stream: str
    ) -> Callable[[E], Awaitable[None]]:
        return FaultyHandler(handle, stream, self.faults)

    async def point(self, name: str, **values: Any) -> None:
        if self.faults.points:
            await point(self.faults, name, **values)

    def choose(self, normal: T, **variants: T) -> Choice[T]:
        if unknown := set(variants) - set(BEHAVIORS):
            raise ValueError(f"no behavior is called {', '.join(sorted(unknown))}")
        known: Mapping[Any, T] = variants

        def chosen(**values: Any) -> T:
            if self.faults.behaviors:
                for name, variant in known.items():
                    if self.faults.behaves(name, **values):
                        return variant
            return normal

        return chosen

    def share_key(self) -> str:
        return self.faults.share_key()

    def is_ready(self) -> bool:
        return not self.faults.is_unready()

    def notice(self, baggage: Mapping[str, str]) -> Notice | None:
        return self.faults.notice(baggage)
