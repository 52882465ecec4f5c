"""Faults on the client's side: around the wire to one peer."""

from math import ceil

from opentelemetry.trace import get_current_span

from chaos.engine.effect import ConnectError as NoConnection
from chaos.engine.effect import DropContext, Reset
from chaos.engine.engine import FaultEngine
from chaos.engine.injection import Injection, apply, delay, hung, refusal
from chaos.engine.injection_point import HOP, CallPath, InjectionPoint, current, hop_header
from shared.transport import (
    Call,
    ConnectError,
    ConnectTimeout,
    ReadError,
    ReadTimeout,
    Request,
    Response,
    Transport,
)

TRACE = ("traceparent", "tracestate", "b3", "uber-trace-id", "x-b3-traceid", "x-b3-spanid")
TRACE_TOO = ("x-b3-parentspanid", "x-b3-sampled", "x-b3-flags")
BAGGAGE = ("baggage", HOP)
MESSAGES = {
    "refused": "connection refused",
    "dns": "name or service not known",
    "timeout": "connecting took too long",
}


class FaultyTransport(Transport):
    """The wire to one peer, with the faults that injection calls to it; inside the CLIENT span and
    its deadline.
    """

    def __init__(self, wire: Transport, peer: str, engine: FaultEngine) -> None:
        self._wire, self._peer, self._engine = wire, peer, engine

    async def handle_async_request(self, request: Request) -> Response:
        if (path := current()) is not None:
            self._send_hop(path, request)
        if not self._engine.registry.client:
            return await self._wire.handle_async_request(request)
        injection = self._engine.decide(self._point(request))
        if injection is None:
            return await self._wire.handle_async_request(request)
        return await self._inject(injection, request)

    def _send_hop(self, path: CallPath, request: Request) -> None:
        call = call_of(request)
        call.kept = call.kept or path.next_hop(self._peer, place_of(request, call))
        request.headers[HOP] = hop_header(call.kept, call.resent)

    def _point(self, request: Request) -> InjectionPoint:
        call = call_of(request)
        return InjectionPoint(
            "client",
            place_of(request, call),
            self._peer,
            header=request.headers.get,
            hop=call.kept,
            attempt=call.resent,
        )

    async def _inject(self, injection: Injection, request: Request) -> Response:
        injection.mark(get_current_span())
        await apply(self._engine, injection)
        if (answer := answered(injection, request)) is not None:
            return answer
        if await hung(self._engine, injection):
            raise ReadTimeout(injection.message("no answer came"), request=request)
        cut_off(injection, request, "before")
        if found := injection.has(DropContext):
            for name in (*TRACE, *TRACE_TOO, *(BAGGAGE if found[1].what == "all" else ())):
                request.headers.pop(name, None)
        response = await self._wire.handle_async_request(request)
        await delay(self._engine, injection, "after")
        cut_off(injection, request, "after")
        return response


def answered(injection: Injection, request: Request) -> Response | None:
    """The answer that is injected, as a service of the shop would give it."""
    error = refusal(injection)
    if error is None:
        return None
    wait = {} if error.retry_after is None else {"retry-after": str(ceil(error.retry_after))}
    body = {"error": error.kind, "detail": str(error)}
    return Response(error.status, json=body, headers=wait, request=request)


def cut_off(injection: Injection, request: Request, position: str) -> None:
    """Raises what a broken connection raises, if that is injected."""
    if (reset := injection.has(Reset)) and reset[1].position == position:
        raise ReadError(injection.message("connection reset by peer"), request=request)
    if position == "before" and (found := injection.has(NoConnection)):
        kind = ConnectTimeout if found[1].kind == "timeout" else ConnectError
        raise kind(injection.message(MESSAGES[found[1].kind]), request=request)


def call_of(request: Request) -> Call:
    """What is known of the call; of one that no `Peer` makes, its path."""
    call = request.extensions.get("call")
    return call if isinstance(call, Call) else Call(request.url.path)


def place_of(request: Request, call: Call) -> str:
    return f"{request.method} {call.route}"
