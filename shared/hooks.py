"""What may stand between a service and what it does: its calls, routes, stores and streams.

A service is given its hooks when it starts; `NO_HOOKS` do nothing. Whoever makes services fail on
purpose implements them: see chaos/engine.
"""

# ruff: noqa: ARG002 - hooks that do nothing use nothing of what they are given

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from starlette.types import ASGIApp

from shared.http.policy import NO_WAIT, CallPolicy
from shared.transport import Transport

T = TypeVar("T")
Choice = Callable[..., T]
Fields = Mapping[str, str]
Publish = Callable[[Fields], Awaitable[str]]


class Entry(Protocol):
    """A message as it was given out: its fields, and how often it was given out before."""

    @property
    def fields(self) -> Fields: ...

    @property
    def redelivered(self) -> int: ...


E = TypeVar("E", bound=Entry)


@dataclass(frozen=True)
class Notice:
    """What a page says of failures on purpose: how many may affect its reader, and for how many
    seconds yet at most.
    """

    number: int
    left: int


class Hooks(Protocol):
    """The hooks of one service."""

    def policy(self, peer: str, normal: CallPolicy, method: str) -> CallPolicy:
        """How this call of a peer is made, where it is made like this normally."""

    def transport(self, wire: Transport, peer: str) -> Transport:
        """The wire to a peer, inside the CLIENT span and the deadline of each call."""

    def route(self, app: ASGIApp, template: str, methods: Collection[str] = ()) -> ASGIApp:
        """A route's application, inside the SERVER span."""

    async def rpc(
        self,
        work: Callable[[], Awaitable[T]],
        place: str,
        header: Callable[[str], str | None],
        values: Mapping[str, Any],
    ) -> T:
        """Around the work of a method that is called over gRPC, inside the SERVER span. `place` is
        the HTTP route that the method stands for, as in "POST /charges", `header` finds a value of
        the metadata, `values` are those of the path. Raises ShopError, and ConnectionResetError
        where the caller is not to get an answer.
        """

    def connection(self, operation: str, target: str) -> AbstractAsyncContextManager[None]:
        """Around an operation on a store and its span: waits for a free connection."""

    async def operation(self, operation: str, target: str) -> None:
        """Before an operation on a store, inside its span. Raises Unavailable."""

    def publisher(self, publish: Publish, stream: str) -> Publish:
        """What adds the fields of a message to a stream and answers its id, inside its span."""

    def handler(
        self, handle: Callable[[E], Awaitable[None]], stream: str
    ) -> Callable[[E], Awaitable[None]]:
        """What handles a message, inside its span."""

    async def point(self, name: str, **values: Any) -> None:
        """A place in the service's code that has a name; `values` say more about it."""

    def choose(self, normal: T, **variants: T) -> Choice[T]:
        """Chooses between strategies, anew with each call of what it returns: the normal one, or a
        variant of a known name. `read = choose(Batch(), n_plus_one=OneByOne())`, then `read()`;
        keyword arguments of that call are values by which the choice may differ.
        """

    def share_key(self) -> str:
        """A key for work and state that requests share: requests with different keys share none."""

    def is_ready(self) -> bool:
        """Whether the service takes requests, as far as the hooks are concerned."""

    def notice(self, baggage: Mapping[str, str]) -> Notice | None:
        """What a page says to whoever has this baggage; None: nothing."""

    def is_exercise(self, baggage: Mapping[str, str]) -> bool:
        """Whether something fails that whoever has this baggage is to find out themselves."""


class NoHooks:
    """Hooks that do nothing."""

    def policy(self, peer: str, normal: CallPolicy, method: str) -> CallPolicy:
        return normal

    def transport(self, wire: Transport, peer: str) -> Transport:
        return wire

    def route(self, app: ASGIApp, template: str, methods: Collection[str] = ()) -> ASGIApp:
        return app

    async def rpc(
        self,
        work: Callable[[], Awaitable[T]],
        place: str,
        header: Callable[[str], str | None],
        values: Mapping[str, Any],
    ) -> T:
        return await work()

    def connection(self, operation: str, target: str) -> AbstractAsyncContextManager[None]:
        return NO_WAIT

    async def operation(self, operation: str, target: str) -> None:
        return None

    def publisher(self, publish: Publish, stream: str) -> Publish:
        return publish

    def handler(
        self, handle: Callable[[E], Awaitable[None]], stream: str
    ) -> Callable[[E], Awaitable[None]]:
        return handle

    async def point(self, name: str, **values: Any) -> None:
        return None

    def choose(self, normal: T, **variants: T) -> Choice[T]:
        return lambda **_: normal

    def share_key(self) -> str:
        return ""

    def is_ready(self) -> bool:
        return True

    def notice(self, baggage: Mapping[str, str]) -> Notice | None:
        return None

    def is_exercise(self, baggage: Mapping[str, str]) -> bool:
        return False


NO_HOOKS: Hooks = NoHooks()
