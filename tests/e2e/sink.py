"""A place where telemetry goes: takes every export and keeps its bytes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zlib import MAX_WBITS, decompress


class Sink(ThreadingHTTPServer):
    """An OTLP endpoint at `url`; `bodies` are what was sent, unpacked, with the paths."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taker)
        self.bodies: list[tuple[str, bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Taker(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Sink

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = decompress(body, MAX_WBITS | 16)
        self.server.bodies.append((self.path, body))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's
        """Says nothing."""


@contextmanager
def sink() -> Iterator[Sink]:
    taking = Sink()
    thread = threading.Thread(target=taking.serve_forever)
    thread.start()
    try:
        yield taking
    finally:
        taking.shutdown()
        thread.join()
        taking.server_close()
