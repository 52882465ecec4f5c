"""A consumer group, as one of its consumers sees it. Its commands leave no spans: most of them find
nothing.
"""

import os
import socket
from collections.abc import Awaitable, Callable
from secrets import token_hex
from time import monotonic
from typing import Any, TypeVar

from redis.asyncio import Redis

from shared.errors import Unavailable
from shared.stores.redis import Keys, code_of
from shared.stores.streams.message import Entry, Patience

T = TypeVar("T")
GONE = {"NOGROUP", "UNBLOCKED"}  # the second comes when the stream goes while somebody waits for it
MOST_DEAD = 10_000


class Group:
    """Gives out each message of a stream to one of the group's consumers, of which this is one.
    Every operation raises Unavailable when Redis cannot be reached.
    """

    def __init__(self, keys: Keys, stream: str, name: str, patience: Patience) -> None:
        self.stream, self.name = stream, name
        self.consumer = f"{socket.gethostname()}-{os.getpid()}-{token_hex(4)}"
        self._keys, self._patience = keys, patience
        self._wait_ms = milliseconds(min(patience.poll, keys.timeout / 2))
        self._is_made = False
        self._none_overdue_until = self._none_dead_until = 0.0

    async def fresh(self, wait: bool) -> Entry | None:
        """The next message that nobody was given yet; waits a while for one, if it may."""
        block = self._wait_ms if wait else None
        found: Any = await self._ask(
            lambda client: client.xreadgroup(
                self.name, self.consumer, {self.stream: ">"}, count=1, block=block
            )
        )
        return Entry(*found[0][1][0]) if found else None

    async def overdue(self) -> Entry | None:
        """The next message that was given out and not handled: by this consumer, a pause ago; by
        another, so long ago that it must have died.
        """
        if monotonic() < self._none_overdue_until:
            return None
        mine = await self._claimed(self._patience.pause, self.consumer)
        entry = mine or await self._claimed(self._patience.lease)
        if entry is None:
            self._none_overdue_until = monotonic() + self._patience.pause / 2
        return entry

    async def done(self, entry: Entry) -> None:
        """The message is handled, and is never given out again."""

        async def work(client: "Redis") -> None:
            async with client.pipeline(transaction=True) as together:
                together.xack(self.stream, self.name, entry.id)
                together.xdel(self.stream, entry.id)
                await together.execute()

        await self._keys.unseen(work)

    async def bury(self, entry: Entry, why: str) -> None:
        """Moves the message to the stream of the dead, where somebody may look into it."""
        fields: dict[Any, Any] = {**entry.fields, "id": entry.id, "group": self.name, "error": why}

        async def work(client: "Redis") -> None:
            async with client.pipeline(transaction=True) as together:
                together.xadd(f"{self.stream}.dead", fields, maxlen=MOST_DEAD)
                together.xack(self.stream, self.name, entry.id)
                together.xdel(self.stream, entry.id)
                await together.execute()

        await self._keys.unseen(work)

    async def forget_the_dead(self) -> None:
        """Removes consumers that have been idle for long and hold nothing."""
        if monotonic() < self._none_dead_until:
            return
        self._none_dead_until = monotonic() + self._patience.forget / 2
        consumers = await self._ask(lambda client: client.xinfo_consumers(self.stream, self.name))
        for consumer in consumers:
            silent = consumer["idle"] > milliseconds(self._patience.forget)
            if silent and not consumer["pending"] and consumer["name"] != self.consumer:
                await self._delete(consumer["name"])

    async def _delete(self, consumer: str) -> None:
        await self._ask(lambda client: client.xgroup_delconsumer(self.stream, self.name, consumer))

    async def _claimed(self, idle: float, consumer: str | None = None) -> Entry | None:
        """The first message that `consumer`, or anybody, was given `idle` seconds ago; it is this
        consumer's now.
        """
        least = milliseconds(idle)
        pending: Any = await self._ask(
            lambda client: client.xpending_range(
                self.stream, self.name, "-", "+", 1, consumername=consumer, idle=least
            )
        )
        if not pending:
            return None
        id_, times = pending[0]["message_id"], pending[0]["times_delivered"]
        # Should somebody else have been faster, it is no longer idle and nothing is claimed.
        claimed: Any = await self._ask(
            lambda client: client.xclaim(self.stream, self.name, self.consumer, least, [id_])
        )
        if not claimed:
            return None
        if claimed[0][0] is None:  # deleted by other hands: older Redis never forgets it by itself
            await self.done(Entry(id_, {}))
            return None
        return Entry(id_, claimed[0][1], times)

    async def _ask(self, work: Callable[["Redis"], Awaitable[T]]) -> T:
        """What `work` makes of the client; makes the group first, if it is not there (any more)."""
        if not self._is_made:
            await self._make()
        try:
            return await self._keys.unseen(work)
        except Unavailable as error:
            if code_of(error.__cause__) not in GONE:
                raise
            self._is_made = False
        await self._make()
        return await self._keys.unseen(work)

    async def _make(self) -> None:
        try:
            await self._keys.unseen(
                lambda client: client.xgroup_create(self.stream, self.name, id="0", mkstream=True)
            )
        except Unavailable as error:
            if code_of(error.__cause__) != "BUSYGROUP":  # which is fine: it is there
                raise
        self._is_made = True


def milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))
