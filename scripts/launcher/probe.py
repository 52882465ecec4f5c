"""Asks a service whether it is ready, without waiting for the answer."""

import socket
from collections.abc import Callable
from contextlib import suppress

from scripts.launcher.events import READ, WRITE, Events

PAUSE = 0.05
QUESTION = b"GET /readyz HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"


class Probe:
    """Asks `/readyz` again and again until it is answered with 200, then calls `on_ready` once.

    The socket of a service listens before the service runs, so one question mostly is enough: it
    waits in the socket's queue and is answered as soon as the service takes requests.
    """

    def __init__(self, events: Events, host: str, port: int, on_ready: Callable[[], None]) -> None:
        self._events = events
        self._address = (host, port)
        self._on_ready = on_ready
        self._socket: socket.socket | None = None
        self._answer = b""
        self._ended = False
        self._ask()

    def end(self) -> None:
        self._ended = True
        self._hang_up()

    def _ask(self) -> None:
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
            self._socket.send(QUESTION % self._address[0].encode())
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
        if self._answer.split(b" ", 2)[1:2] != [b"200"]:
            self._again()
            return
        self.end()
        self._on_ready()

    def _again(self) -> None:
        self._hang_up()
        self._events.later(PAUSE, self._ask)

    def _hang_up(self) -> None:
        if self._socket:
            self._events.forget(self._socket.fileno())
            self._socket.close()
            self._socket = None
