"""One request and its answer over HTTP/1.1, within one deadline and a few KiB of memory.

The timeout of a socket is that of a single `recv`: a server that sends a byte a second never meets
it. Here each operation may take what is left of the exchange's deadline: looking up the host's
name, connecting, the TLS handshake, sending, and reading. An answer is read up to a limit, however
long it says it is.
"""

import io
import selectors
import socket
import ssl
import threading
import time
from concurrent.futures import Future
from contextlib import closing
from http.client import HTTPException, HTTPResponse
from typing import Any, NamedTuple

MOST_BYTES = 32 * 1024  # of an answer, its head included
BODY_SECONDS = 1.0  # the status has come: the rest is worth no long wait

Addresses = list[tuple[Any, ...]]  # of socket.getaddrinfo


class Deadline:
    """A moment by which all must be done; `left` raises TimeoutError when it is over."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, share: int = 1) -> float:
        """The seconds that are left, or one of `share` equal parts of them."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds / share

    def or_within(self, seconds: float) -> "Deadline":
        """This one, or one in `seconds` if that is earlier."""
        return Deadline(min(self._end - time.monotonic(), seconds))


class Answer(NamedTuple):
    """The answer of a server. Of one that is too long, or does not end, the `body` is empty."""

    status: int
    reason: str
    headers: dict[str, str]  # their names in lower case
    body: bytes


class Connection:
    """A connection to one server; `kept` says whether it can be used again."""

    def __init__(self, host: str, found: Addresses, tls: ssl.SSLContext | None, end: Deadline):
        """Connects to one of the addresses; raises OSError when none of them can be reached."""
        self._socket = connected(found, end)
        # Without this a small write may wait until the one before it was acknowledged.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            self._socket.settimeout(end.left())
            try:
                self._socket = tls.wrap_socket(self._socket, server_hostname=host)
            except OSError:
                self.close()
                raise
        self.kept = False

    def exchange(self, request: bytes, end: Deadline, most: int = MOST_BYTES) -> Answer:
        """Sends the bytes of a request, and reads the answer, up to `most` bytes. Raises OSError or
        HTTPException where there is none.
        """
        self.kept = False
        stream = Stream(self._socket, end, most)
        try:
            stream.send(request)
        except ConnectionError:  # a server need not read all of it before it refuses it
            stream.end = end.or_within(BODY_SECONDS)
        with closing(HTTPResponse(stream, method="POST")) as response:  # type: ignore[arg-type]
            response.begin()
            headers = {name.lower(): value for name, value in response.headers.items()}
            stream.end = end.or_within(BODY_SECONDS)
            try:
                body = response.read(most)
            except (OSError, HTTPException, ValueError):
                body = b""
            whole = response.isclosed()
            self.kept = whole and not response.will_close
        return Answer(response.status, response.reason, headers, body if whole else b"")

    def is_quiet(self) -> bool:
        """Whether nothing came since the last answer: what comes unasked is the end of the
        connection, or a 408 that says so, and would be taken for the next answer.
        """
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            return not selector.select(0)

    def close(self) -> None:
        self._socket.close()


class Stream(io.RawIOBase):
    """A socket for one exchange, as HTTPResponse reads from it."""

    def __init__(self, connection: socket.socket, end: Deadline, most: int) -> None:
        super().__init__()
        self._socket, self.end = connection, end
        self._most = self._left = most

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            raise OSError(f"the answer is longer than {self._most} bytes")
        self._socket.settimeout(self.end.left())
        count = self._socket.recv_into(buffer, min(len(buffer), self._left))
        self._left -= count
        return count

    def send(self, content: bytes) -> None:
        rest = memoryview(content)
        while rest:
            self._socket.settimeout(self.end.left())
            rest = rest[self._socket.send(rest) :]


class Resolver:
    """Looks up the addresses of one host. The system's lookup knows no timeout: it is done in a
    thread, and while that hangs nobody starts a second one.
    """

    def __init__(self, host: str, port: int) -> None:
        self.host, self._port = host, port
        self._pending: Future[Addresses | OSError] | None = None

    def addresses(self, end: Deadline) -> Addresses:
        """Raises OSError where there are none, and TimeoutError when it takes too long."""
        if self._pending is None:
            self._pending = Future()
            look_up = threading.Thread(
                target=self._look_up, args=(self._pending,), name="resolve", daemon=True
            )
            look_up.start()
        try:
            found = self._pending.result(end.left())
        finally:
            if self._pending.done():
                self._pending = None
        if isinstance(found, OSError):
            raise found
        return found

    def _look_up(self, pending: "Future[Addresses | OSError]") -> None:
        found: Addresses | OSError
        try:
            found = socket.getaddrinfo(self.host, self._port, type=socket.SOCK_STREAM)
        except OSError as error:
            found = error
        except UnicodeError:  # of a name that IDNA does not allow
            found = OSError(f"{self.host} cannot be the name of a host")
        pending.set_result(found)


def connected(found: Addresses, end: Deadline) -> socket.socket:
    """A socket that is connected to the first of the addresses that answers. Each may take its
    share of the time: one that leads nowhere leaves some for the others.
    """
    problem: OSError | None = None
    for index, (family, kind, protocol, _, address) in enumerate(found):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(end.left(len(found) - index))
            connection.connect(address)
        except OSError as error:
            connection.close()
            problem = error
        else:
            return connection
    raise problem or OSError("the name has no address")
