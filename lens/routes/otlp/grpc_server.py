"""OTLP over gRPC: the same three signals as over HTTP, on a port of their own.

Imported only where the port is wanted, as grpcio takes 12 MB and a fifth of a second.

A message that comes drop by drop is given up after a time, as a body over HTTP is. grpcio has
limits for connections (a handshake that does not end, a connection without calls, its age) and none
for a message: the only deadline of a call is its client's. So each method is registered as one that
takes a stream of messages, of which it reads one: on the wire that is the same, and the method is
called when the header has come, where else it would be called with the message. How much of a
message is there it cannot know: unlike over HTTP, one that comes steadily gets no more time.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event, Thread
from typing import NoReturn

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from lens.routes.answers import Refused
from lens.routes.otlp.body import MAX_BYTES
from lens.routes.otlp.signals import PROTOBUF, Signal, signals
from lens.store.intake import Full, Intake
from shared.serving import SECONDS

SOURCE = "OTLP/gRPC"
# A thread waits for each message that is on its way, so this many may be in memory at once.
THREADS = 8
GRACE_SECONDS = 1.0
DETAILS = "grpc-status-details-bin"
OPTIONS = (
    ("grpc.max_receive_message_length", MAX_BYTES),
    # Two programs on one port would get half of the spans each, and nobody would know.
    ("grpc.so_reuseport", 0),
    ("grpc.server_handshake_timeout_ms", 20_000),
    # A sender that is quiet for longer connects anew, by itself.
    ("grpc.max_connection_idle_ms", 300_000),
)
CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    413: grpc.StatusCode.RESOURCE_EXHAUSTED,
}


class Arrivals:
    """The messages that are on their way. One thread looks at all of them once a second, and ends
    those that have taken longer than `SECONDS`.
    """

    def __init__(self) -> None:
        self._since: dict[grpc.ServicerContext, float] = {}
        self._closed = Event()
        self._thread = Thread(target=self._look, name="lens-grpc-arrivals", daemon=True)
        self._thread.start()

    def message(self, messages: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        """The message of a call, once it is there. Raises grpc.RpcError when it was given up."""
        self._since[context] = time.monotonic()
        try:
            return next(messages, b"")
        finally:
            del self._since[context]

    @property
    def waiting(self) -> int:
        """How many messages are on their way."""
        return len(self._since)

    def cancel_late(self, now: float) -> None:
        """Ends the calls whose message does not come; `now` is of the monotonic clock."""
        for context, since in list(self._since.items()):
            if now - since > SECONDS:
                context.cancel()

    def _look(self) -> None:
        while not self._closed.wait(1.0):
            self.cancel_late(time.monotonic())

    def close(self) -> None:
        self._closed.set()
        self._thread.join()


class GrpcServer:
    """Takes OTLP at `host:port` from its start until its close; port 0 takes any free one."""

    def __init__(self, intake: Intake, host: str, port: int) -> None:
        """Raises OSError with the address in its message when it cannot be listened on."""
        self._server = grpc.server(
            ThreadPoolExecutor(THREADS, thread_name_prefix="lens-grpc"), options=OPTIONS
        )
        self.arrivals = Arrivals()
        self._server.add_generic_rpc_handlers(
            [service(one, intake, self.arrivals) for one in signals(intake)]
        )
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            self.port: int = self._server.add_insecure_port(address)
        except RuntimeError:  # without a word of why
            self.arrivals.close()
            raise OSError(f"{address} cannot be listened on: another program may have it") from None
        self._server.start()

    def close(self) -> None:
        """Takes no more requests, and ends when those in hand are answered or their time is up."""
        self._server.stop(GRACE_SECONDS).wait()
        self.arrivals.close()


def service(signal: Signal, intake: Intake, arrivals: Arrivals) -> grpc.GenericRpcHandler:
    """The service of a signal: the one in whose file its response is defined."""
    (name,) = (one.full_name for one in signal.response.DESCRIPTOR.file.services_by_name.values())
    export = grpc.stream_unary_rpc_method_handler(
        exporting(signal, intake, arrivals), response_serializer=signal.response.SerializeToString
    )
    return grpc.method_handlers_generic_handler(name, {"Export": export})


def exporting(
    signal: Signal, intake: Intake, arrivals: Arrivals
) -> Callable[[Iterator[bytes], grpc.ServicerContext], Message]:
    def export(messages: Iterator[bytes], context: grpc.ServicerContext) -> Message:
        body = arrivals.message(messages, context)
        try:
            intake.check()
            return signal.answer(signal.take(body, PROTOBUF, SOURCE))
        except Full as full:
            refuse(context, grpc.StatusCode.UNAVAILABLE, str(full), full.retry_after)
        except Refused as refused:
            intake.refuse(SOURCE)
            refuse(context, CODES[refused.status], str(refused))

    return export


def refuse(
    context: grpc.ServicerContext, code: grpc.StatusCode, message: str, retry: float | None = None
) -> NoReturn:
    """Ends the call; a sender repeats it only if it is told when, after `retry` seconds."""
    status = Status(code=code.value[0], message=message)
    if retry is not None:
        pause = Duration()
        pause.FromTimedelta(timedelta(seconds=retry))
        status.details.add().Pack(RetryInfo(retry_delay=pause))
    context.set_trailing_metadata(((DETAILS, status.SerializeToString()),))
    context.abort(code, message)
    raise AssertionError("abort always raises")
