"""What is around every method of a gRPC server, as the middleware is around every route of HTTP.

ServerSpans    extracts the caller's context, opens the SERVER span, measures
AnswerErrors   turns a ShopError into a status, and a crash into INTERNAL
InjectFaults   may inject a fault, where a route of HTTP has its own
the method
"""

import asyncio
import logging
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from time import perf_counter
from typing import Any

import grpc
from google.protobuf.message import Message
from grpc import StatusCode
from opentelemetry import context as otel
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import Getter
from opentelemetry.trace import Span, SpanKind, set_span_in_context
from opentelemetry.util.types import AttributeValue

from shared.errors import ShopError
from shared.grpc.methods import Method
from shared.grpc.status import DETAILS, SERVER_ERRORS, code_for, details_of
from shared.hooks import Hooks
from shared.telemetry.current import with_telemetry
from shared.telemetry.provider import Telemetry
from shared.telemetry.recorded_headers import received
from shared.telemetry.server import failed
from shared.tracebacks import without_hidden_frames

Behavior = Callable[[Message, Any], Awaitable[Message]]
LOST = "connection reset by peer"

log = logging.getLogger("acmeshop")


class MetadataGetter(Getter[Iterable[tuple[str, str | bytes]]]):
    """Reads metadata, whose names are in lower case."""

    def get(self, carrier: Iterable[tuple[str, str | bytes]], key: str) -> list[str] | None:
        wanted = key.lower()
        found = [value for name, value in carrier if name == wanted]
        return [value for value in found if isinstance(value, str)] or None

    def keys(self, carrier: Iterable[tuple[str, str | bytes]]) -> list[str]:
        return [name for name, _ in carrier]


METADATA = MetadataGetter()


class Around(grpc.aio.ServerInterceptor):
    """An interceptor that is `around` each of these methods; all others pass it by, as the health
    checks do.
    """

    def __init__(self, methods: Mapping[str, Method]) -> None:
        self._methods = {method.path: method for method in methods.values()}

    async def intercept_service(self, continuation: Any, details: Any) -> Any:
        handler = await continuation(details)
        method = self._methods.get(details.method)
        if method is None or handler is None:
            return handler
        return grpc.unary_unary_rpc_method_handler(
            partial(self.around, handler.unary_unary, method),
            handler.request_deserializer,
            handler.response_serializer,
        )

    @abstractmethod
    async def around(
        self, behavior: Behavior, method: Method, request: Message, context: Any, /
    ) -> Message:
        """What `behavior` answers; `context` is grpcio's."""


class AnswerErrors(Around):
    """A status for every error, and never a word of the service's inside. It is outermost: the span
    ends before the status is sent, or it would end after the caller's.
    """

    async def around(
        self, behavior: Behavior, _method: Method, request: Message, context: Any
    ) -> Message:
        try:
            return await behavior(request, context)
        except ShopError as error:
            await abort(context, error)
        except ConnectionResetError:  # nobody is to know, as when the connection is gone
            await context.abort(StatusCode.UNAVAILABLE, LOST)
        except Exception:  # noqa: BLE001 - whatever it is, it was recorded, and is answered
            await abort(context, ShopError("this should not have happened; the log has the reason"))
        raise AssertionError("abort always raises")


class ServerSpans(Around):
    """Extract the caller's context, start a span, call the method, end the span, measure."""

    def __init__(
        self, methods: Mapping[str, Method], telemetry: Telemetry, host: str, port: int
    ) -> None:
        super().__init__(methods)
        self._tracer, self._propagator = telemetry.tracer, telemetry.propagator
        self._records_headers = telemetry.records_headers
        self._home = with_telemetry(telemetry, Context())
        self._fixed: dict[str, AttributeValue] = {
            "rpc.system.name": "grpc",
            "server.address": host,
            "server.port": port,
        }
        red = telemetry.metrics.red
        self._durations = red.rpc_server if red is not None else None

    async def around(
        self, behavior: Behavior, method: Method, request: Message, context: Any
    ) -> Message:
        begun = perf_counter()
        parent = self._propagator.extract(context.invocation_metadata(), self._home, METADATA)
        span = self._start(method, parent, context)
        if self._records_headers:
            span.set_attributes(received(self._propagator, context.invocation_metadata(), METADATA))
        token, code = otel.attach(set_span_in_context(span, parent)), StatusCode.UNKNOWN
        try:
            answer = await behavior(request, context)
            code = StatusCode.OK
        except Exception as error:
            code = note(method, error)
            raise
        except asyncio.CancelledError:  # nobody waits for the answer any more
            left = context.time_remaining()
            over = left is not None and left <= 0
            code = StatusCode.DEADLINE_EXCEEDED if over else StatusCode.CANCELLED
            raise
        else:
            return answer
        finally:
            otel.detach(token)
            self._end(span, method, code, perf_counter() - begun)

    def _start(self, method: Method, parent: Context, context: Any) -> Span:
        attributes: dict[str, AttributeValue] = {
            **self._fixed,
            "rpc.method": method.name,
            "client.address": client_address(context.peer()),
        }
        return self._tracer.start_span(method.name, parent, SpanKind.SERVER, attributes)

    def _end(self, span: Span, method: Method, code: StatusCode, seconds: float) -> None:
        span.set_attribute("rpc.response.status_code", code.name)
        error_type = code.name if code in SERVER_ERRORS else None
        if error_type is not None:
            failed(span, error_type)
        span.end()
        if self._durations is not None:
            self._durations.record(("grpc", method.name, code.name, error_type), seconds, span)


class InjectFaults(Around):
    """The hooks of the service, inside of its span."""

    def __init__(self, methods: Mapping[str, Method], hooks: Hooks) -> None:
        super().__init__(methods)
        self._hooks = hooks

    async def around(
        self, behavior: Behavior, method: Method, request: Message, context: Any
    ) -> Message:
        header = partial(header_of, context.invocation_metadata())
        work = partial(behavior, request, context)
        answer: Message = await self._hooks.rpc(work, method.place, header, method.values(request))
        return answer


def note(method: Method, error: Exception) -> StatusCode:
    """The code of an error; the current span and the log are told of what is not the caller's."""
    if isinstance(error, ShopError) and error.status < 500:
        return code_for(error.status)
    if isinstance(error, ConnectionResetError):
        return StatusCode.UNAVAILABLE
    trace.get_current_span().record_exception(without_hidden_frames(error))
    if isinstance(error, ShopError):
        log.warning("%s: %s", method.name, error)
        return code_for(error.status)
    log.error("%s crashed", method.name, exc_info=error)
    return StatusCode.INTERNAL


async def abort(context: Any, error: ShopError) -> None:
    """Ends the call with the error as its status."""
    details = ((DETAILS, details_of(error)),)
    await context.abort(code_for(error.status), str(error), details)


def header_of(metadata: Iterable[tuple[str, str | bytes]], name: str) -> str | None:
    found = METADATA.get(metadata, name)
    return found[0] if found else None


def client_address(peer: str) -> str:
    """The address in what grpcio calls a peer, as in `ipv4:127.0.0.1:51234`."""
    address = peer.partition(":")[2].rpartition(":")[0]
    return address.strip("[]").replace("%5B", "").replace("%5D", "")
