"""OTLP over HTTP: a batch of spans in, one POST of protobuf out, over a connection that is kept.

The SDK's own exporter does the same through `requests`; this one needs only the standard library,
which saves memory and start-up time in every one of the shop's processes, and leaves retrying to
`Delivery`.
"""

import http.client
import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from shared.telemetry.delivery import Outcome

T = TypeVar("T")

RETRYABLE = {429, 502, 503, 504}

log = logging.getLogger(__name__)


class OtlpHttp:
    """One OTLP endpoint: `post` answers what became of a body of protobuf. Used by one thread
    only.
    """

    def __init__(self, endpoint: str, headers: Mapping[str, str], timeout: float) -> None:
        parts = urlsplit(endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{endpoint} is not an http:// or https:// address")
        self._endpoint, self._timeout = endpoint, timeout
        self._secure, self._host, self._port = parts.scheme == "https", parts.hostname, parts.port
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._refused = False
        self._headers = {"Content-Type": "application/x-protobuf", **headers}
        self._connection: http.client.HTTPConnection | None = None

    def post(self, body: bytes) -> Outcome:
        try:
            status, reason = self._exchange(body)
        except (OSError, http.client.HTTPException):
            return Outcome.TRY_AGAIN
        if status < 300:
            self._refused = False
            return Outcome.DELIVERED
        if status in RETRYABLE:
            return Outcome.TRY_AGAIN
        if not self._refused:  # it would refuse every batch alike
            log.error("%s takes no such telemetry: %d %s", self._endpoint, status, reason)
        self._refused = True
        return Outcome.REFUSED

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, body: bytes) -> tuple[int, str]:
        if self._connection is not None:
            # The backend may have closed a connection that was idle: that alone is no failure.
            with suppress(ConnectionError, http.client.HTTPException):
                return self._ask(self._connection, body)
            self.close()
        self._connection = self._connect()
        return self._ask(self._connection, body)

    def _ask(self, connection: http.client.HTTPConnection, body: bytes) -> tuple[int, str]:
        try:
            connection.request("POST", self._path, body, self._headers)
            with connection.getresponse() as response:
                return response.status, response.read().decode(errors="replace")[:300]
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def _connect(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=self._timeout)
        connection.connect()
        # A POST is two small writes, header and body; without this the second waits for an ACK.
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


@dataclass(frozen=True)
class Sender(Generic[T]):
    """What a `Delivery` needs to send items of one kind to one endpoint."""

    endpoint: OtlpHttp
    encode: Callable[[Sequence[T]], bytes]

    def __call__(self, items: Sequence[T]) -> Outcome:
        return self.endpoint.post(self.encode(items))

    def close(self) -> None:
        self.endpoint.close()
