"""uvicorn's server, which also closes connections whose requests do not come.

uvicorn has a limit for a connection that is idle between two requests, and none for one whose first
request never comes, or whose header or body comes byte by byte. Such a connection costs its sender
nothing, and us one of a limited number.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

SECONDS, BYTES_PER_SECOND = 20.0, 16 * 1024
TICK = 1.0  # seconds from one look at all connections, and at the clock for the Date, to the next
SENTENCE = b"the request did not arrive within 20 s: send its header and its body without pauses\n"
TIMED_OUT = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"connection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(SENTENCE), SENTENCE)
)


class CountsBytes:
    """A mixin for uvicorn's protocols: how many bytes have arrived on the connection."""

    arrived = 0

    def data_received(self, data: bytes) -> None:
        self.arrived += len(data)
        super().data_received(data)  # type: ignore[misc]  # the protocol's


HttpProtocol = cast(
    "type[asyncio.Protocol]", type("HttpProtocol", (CountsBytes, AutoHTTPProtocol), {})
)


class Server(uvicorn.Server):
    """Serves `HttpProtocol`, or what is derived from it. A header, and then a body, has `SECONDS`
    to arrive, and more if it comes at `BYTES_PER_SECOND`: an upload may take its time. Nothing is
    added to the work for a request: all connections are looked at once a second.

    Between two looks it sleeps, where uvicorn's own server looks ten times a second whether it is
    to end: `should_exit` wakes it. So a service at rest costs next to nothing.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        self._should_exit = False
        self._wake: Callable[[], object] = nothing  # it does not sleep yet
        super().__init__(config)
        self._arrivals: dict[Any, Arrival] = {}

    @property
    def should_exit(self) -> bool:
        return self._should_exit

    @should_exit.setter
    def should_exit(self, ending: bool) -> None:
        """May be set in any thread, and by the handler of a signal."""
        self._should_exit = ending
        self._wake()

    async def main_loop(self) -> None:
        woken, loop = asyncio.Event(), asyncio.get_running_loop()
        self._wake = partial(loop.call_soon_threadsafe, woken.set)
        while not await self.on_tick(0):  # at which uvicorn does all that it does once a second
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK):
                    await woken.wait()
        self._wake = nothing

    async def on_tick(self, counter: int) -> bool:
        self.close_slow(time.monotonic())
        return await super().on_tick(counter)

    def close_slow(self, now: float) -> None:
        """Closes what has kept us waiting for too long; `now` is of the monotonic clock."""
        self._arrivals = dict(still_arriving(self.server_state.connections, self._arrivals, now))
        for connection, arrival in list(self._arrivals.items()):
            if arrival.is_late(connection.arrived, now):
                close(connection)


def nothing() -> None:
    pass


@dataclass(frozen=True)
class Arrival:
    """A header or a body on its way: `after` is the last request whose header was complete, and
    `arrived` the bytes that had come when it was first seen.
    """

    after: Any
    arrived: int
    since: float

    def is_late(self, arrived: int, now: float) -> bool:
        return now - self.since > SECONDS + (arrived - self.arrived) / BYTES_PER_SECOND


def still_arriving(
    connections: Iterable[Any], before: dict[Any, Arrival], now: float
) -> Iterable[tuple[Any, Arrival]]:
    for connection in connections:
        if is_arriving(connection):
            arrival = before.get(connection)
            if arrival is None or arrival.after is not connection.cycle:
                arrival = Arrival(connection.cycle, connection.arrived, now)
            yield connection, arrival


def is_arriving(connection: Any) -> bool:
    """Whether it is the client's turn, in the middle of a request or before the first one; uvicorn
    itself looks after those that are idle between two.
    """
    cycle = connection.cycle
    if cycle is None or cycle.response_complete:
        return connection.timeout_keep_alive_task is None
    ours = connection.flow.read_paused or cycle.waiting_for_100_continue
    return bool(cycle.more_body and not ours)


def close(connection: Any) -> None:
    cycle = connection.cycle
    answered = cycle is not None and not cycle.response_complete and cycle.response_started
    if connection.arrived and not answered:
        connection.transport.write(TIMED_OUT)
    connection.transport.close()
