"""The connection under a request, for faults that cut it: ASGI itself has no way to.

A server that uses `with_connection(protocol)` puts it into each scope. Where it is not, as in a
test without sockets, being cut off is an exception.
"""

import asyncio
import os
import socket
import struct
from functools import partial
from typing import Any, Literal

from starlette.types import ASGIApp, Receive, Scope, Send

EXTENSION = "connection"
RESET = struct.pack("ii", 1, 0)  # linger for no time at all: what closing then sends is a reset
GRACE = 1.0


class ExposesConnection:
    """A mixin for uvicorn's protocols."""

    app: Any

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)  # type: ignore[misc]  # the protocol's
        self.app = partial(call_with, self.app, transport)


def with_connection(protocol: type) -> type:
    """The protocol, with its connection in the scope of every request."""
    return type(f"Exposing{protocol.__name__}", (ExposesConnection, protocol), {})


def call_with(
    app: ASGIApp, transport: asyncio.Transport, scope: Scope, receive: Receive, send: Send
) -> Any:
    scope.setdefault("extensions", {})[EXTENSION] = transport
    return app(scope, receive, send)


async def cut(scope: Scope, receive: Receive, how: Literal["reset", "close"]) -> None:
    """Ends the connection: by a reset, or after what is on its way, as a process that ends."""
    transport = scope.get("extensions", {}).get(EXTENSION)
    if transport is None:
        raise ConnectionResetError("the connection was cut")
    if how == "close":
        transport.close()
    elif not transport.is_closing():  # by a caller who waited no longer
        # Of a copy, since not every event loop lets an option of its sockets be set.
        with socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno())) as same:
            same.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        transport.abort()
    # The server has to notice before the application returns: it would answer by itself.
    try:
        async with asyncio.timeout(GRACE):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:  # the caller takes nothing of what is on its way
        transport.abort()
