"""fakeredis in the place of a Redis: `python -m acme.redis.fake 16379`.

Its server does what the shop needs, but its errors are not those of Redis: they have lost their
kinds, and end the connection.
"""

import re
import sys
from typing import Any

from fakeredis import FakeRedisConnection, TcpFakeServer
from fakeredis._clients._tcp_server import TCPFakeRequestHandler
from fakeredis._helpers import SimpleError
from redis.exceptions import ResponseError

from acme.redis.server import HOST

KIND = re.compile("[A-Z]{3,} ")
NO_STREAM = "The XGROUP subcommand requires the key to exist"


class Client(FakeRedisConnection):
    """One caller's connection; what went wrong is an answer like others."""

    def read_response(self, *args: Any, **options: Any) -> Any:
        try:
            return super().read_response(*args, **options)
        except ResponseError as error:
            return SimpleError(as_redis_says(error))


def as_redis_says(error: ResponseError) -> str:
    """The error with its kind in front: "NOGROUP No such key ..."."""
    text = str(error)
    if KIND.match(text):
        return text
    return f"{'NOGROUP' if text.startswith(NO_STREAM) else error.status_code or 'ERR'} {text}"


class Handler(TCPFakeRequestHandler):
    """Serves one caller."""

    def setup(self) -> None:
        super().setup()
        self.current_client.__class__ = Client  # setup leaves no choice which class it makes


class FakeServer(TcpFakeServer):
    """Lets as many call at once as the shop has services."""

    request_queue_size = 128

    def __init__(self, port: int) -> None:
        super().__init__((HOST, port))
        self.RequestHandlerClass = Handler
        self.daemon_threads = True


def main() -> None:
    with FakeServer(int(sys.argv[1])) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
