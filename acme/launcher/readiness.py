"""Waits until a program is ready, without blocking: the launcher has one thread."""

import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from acme.launcher.events import READ, WRITE, Events
from acme.redis.server import PING, PONG

PAUSE = 0.05


@dataclass(frozen=True)
class ReadinessCheck:
    """What to send, and how the answer of a program that is ready begins."""

    request: bytes
    good: bytes


READYZ = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
HTTP = ReadinessCheck(READYZ, b"HTTP/1.1 200 ")
ANY_HTTP = ReadinessCheck(READYZ, b"HTTP/1.")
REDIS = ReadinessCheck(PING, PONG)


class Readiness:
    """Sends the check again and again until the answer is a good one, then calls `on_ready` once.

    The socket of a service listens before the service runs, so one request mostly is enough: it
    waits in the socket's queue and is answered as soon as the service takes requests. `pause` is
    the seconds between two requests.
    """

    def __init__(
        self,
        events: Events,
        check: ReadinessCheck,
        host: str,
        port: int,
        on_ready: Callable[[], None],
        *,
        pause: float = PAUSE,
    ) -> None:
        self._events = events
        self._check = check
        self._address = (host, port)
        self._on_ready = on_ready
        self._pause = pause
        self._socket: socket.socket | None = None
        self._answer = b""
        self._ended = False
        self._connect()

    def end(self) -> None:
        self._ended = True
        self._hang_up()

    def _connect(self) -> None:
        if self._ended:
            return
        host, _ = self._address
        self._answer = b""
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self._socket.setblocking(False)
        self._socket.connect_ex(self._address)
        self._events.watch(self._socket.fileno(), WRITE, self._send)

    def _send(self) -> None:
        assert self._socket
        try:
            self._socket.send(self._check.request)
        except OSError:
            self._again()
            return
        self._events.forget(self._socket.fileno())
        self._events.watch(self._socket.fileno(), READ, self._receive)

    def _receive(self) -> None:
        assert self._socket
        with suppress(OSError):
            piece = self._socket.recv(4096)
            self._answer += piece
            if piece and b"\r\n" not in self._answer:
                return
        if not self._answer.startswith(self._check.good):
            self._again()
            return
        self.end()
        self._on_ready()

    def _again(self) -> None:
        self._hang_up()
        self._events.later(self._pause, self._connect)

    def _hang_up(self) -> None:
        if self._socket:
            self._events.forget(self._socket.fileno())
            self._socket.close()
            self._socket = None
