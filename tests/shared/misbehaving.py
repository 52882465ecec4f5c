"""Servers that misbehave, on real sockets."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from tests.shared.test_export import LONG

SHORT = 0.15  # seconds that an export may take here

Behaviour = Callable[[socket.socket], None]


class Server:
    """A socket that reads each request and then does as `behave` says."""

    def __init__(self, behave: Behaviour, host: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family)
        name = f"[{host}]" if ":" in host else host
        self.url = f"http://{name}:{self._listener.getsockname()[1]}/v1/traces"
        self.behave = behave
        self.requests: list[bytes] = []
        self.connections = 0
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while request := read_request(connection):
                self.requests.append(request)
                self.behave(connection)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(LONG)
            assert not thread.is_alive()


def read_request(connection: socket.socket) -> bytes:
    with connection.makefile("rb", buffering=0) as stream:
        head = [stream.readline()]
        while head[-1].strip():
            head.append(stream.readline())
        sizes = [int(line[15:]) for line in head if line.lower().startswith(b"content-length:")]
        body = b""
        while sizes and len(body) < sizes[0]:
            body += stream.read(sizes[0] - len(body)) or b""
        return b"".join(head) + body


def answering(*pieces: bytes) -> Behaviour:
    """Sends the pieces, whatever they are."""

    def behave(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)

    return behave


def trickling(content: bytes, *, after: bytes = b"") -> Behaviour:
    """Sends a byte, and then another, long before the timeout of a single read."""

    def behave(connection: socket.socket) -> None:
        pause = threading.Event()
        connection.sendall(after)
        for byte in content:
            connection.sendall(bytes((byte,)))
            pause.wait(SHORT / 10)

    return behave


def endless(head: bytes, piece: bytes) -> Behaviour:
    """Sends the piece again and again, as long as anybody reads."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)

    return behave


def then_closing(behave: Behaviour, how: int = socket.SHUT_RDWR) -> Behaviour:
    """Does it, and closes the connection or one side of it."""

    def both(connection: socket.socket) -> None:
        behave(connection)
        connection.shutdown(how)

    return both
