"""The wire under a call over gRPC: a channel of grpcio behind the transport interface that HTTP's
wire has, so that the same policies and the same faults are around it.

A call is an HTTP/2 request to /package.Service/Method with metadata for headers, and so it is here.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import grpc
import httpx
from grpc import StatusCode

from shared.answers import error_body
from shared.grpc.status import HTTP, Refusal, refusal_in
from shared.http.wire import STREAMED
from shared.limit import MOST
from shared.transport import ConnectError, ReadError, Request, Response, Transport

DEADLINE = "deadline"  # the request's extension: when it is over, on the clock of the event loop
STATUS = "grpc-status"
# What metadata may be: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
KEY, VALUE = re.compile(r"[0-9a-z_.-]+"), re.compile(r"[\x20-\x7e]*")
OPTIONS = (
    # Every attempt is ours, is seen in the trace, and counts for the breaker.
    ("grpc.enable_retries", 0),
    ("grpc.enable_http_proxy", 0),
    ("grpc.max_receive_message_length", MOST),
    # A service that was killed is back within a second. By default it would be looked for later and
    # later, and every call until then fail at once: over HTTP each attempt looks for itself.
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 100),
)


class GrpcWire(Transport):
    """A channel to one service, kept open between calls. To be made in an event loop."""

    def __init__(self, url: str) -> None:
        self._channel = grpc.aio.insecure_channel(urlsplit(url).netloc, OPTIONS)
        self._calls: dict[str, Any] = {}

    async def handle_async_request(self, request: Request) -> Response:
        """The answer of the service; one other than OK as HTTP would have it, with its code in the
        header grpc-status. Raises httpx.TransportError when there is none, and TimeoutError.
        """
        path = request.url.path
        # Without serializers, bytes are sent and received as they are.
        call = self._calls.setdefault(path, self._channel.unary_unary(path))
        try:
            content = await call(
                await request.aread(),
                timeout=time_left(request),
                metadata=metadata_of(request.headers),
            )
        except grpc.aio.AioRpcError as error:
            return refused(error, request)
        return answer(200, StatusCode.OK, content, request)

    async def aclose(self) -> None:
        await self._channel.close()


def time_left(request: Request) -> float | None:
    """The seconds that go out as grpc-timeout; None for a caller that has a timeout, but tells
    nobody.
    """
    deadline = request.extensions.get(DEADLINE)
    if deadline is None or request.extensions.get(STREAMED):
        return None
    return max(0.0, float(deadline) - asyncio.get_running_loop().time())


def metadata_of(headers: httpx.Headers) -> list[tuple[str, str]]:
    """The headers as metadata, without what gRPC would refuse: baggage of Jaeger's format has
    names that anybody may choose.
    """
    return [(name, value) for name, value in headers.multi_items() if is_metadata(name, value)]


def is_metadata(name: str, value: str) -> bool:
    reserved = name.startswith("grpc-") or name.endswith("-bin")
    return not reserved and bool(KEY.fullmatch(name) and VALUE.fullmatch(value))


def refused(error: Any, request: Request) -> Response:
    """The answer in a status. Raises for one that the library made up: there was no answer."""
    code, refusal = error.code(), refusal_in(error.trailing_metadata() or ())
    if refusal is None:
        if code is StatusCode.DEADLINE_EXCEEDED:
            raise TimeoutError from None
        if code in {StatusCode.UNAVAILABLE, StatusCode.CANCELLED}:
            raise lost(error.details() or "", request) from None
        refusal = Refusal(HTTP[code], code.name.lower())
    content = error_body(refusal.kind, error.details() or "")
    return answer(refusal.http, code, json.dumps(content).encode(), request)


def lost(details: str, request: Request) -> httpx.TransportError:
    """What a connection that was not made, or ended, is over HTTP."""
    kind = ConnectError if "connect" in details.lower() else ReadError
    return kind(details, request=request)


def answer(status: int, code: StatusCode, content: bytes, request: Request) -> Response:
    headers: Mapping[str, str] = {STATUS: str(code.value[0])}
    return Response(status, headers=headers, stream=httpx.ByteStream(content), request=request)
