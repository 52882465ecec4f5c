"""Faults on the client's side: around the wire to one peer."""

from math import ceil

from opentelemetry.trace import get_current_span

from chaos.engine import journey
from chaos.engine.effect import ConnectError as NoConnection
from chaos.engine.effect import DropContext, Reset
from chaos.engine.endure import delay, endure, hung, refusal
from chaos.engine.engine import Faults
from chaos.engine.occasion import Occasion
from chaos.engine.strike import Strike
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
BAGGAGE = ("baggage", journey.HOP)
MESSAGES = {
    "refused": "connection refused",
    "dns": "name or service not known",
    "timeout": "connecting took too long",
}


class FaultyTransport(Transport):
    """The wire to one peer, with the faults that strike calls to it; inside the CLIENT span and
    its deadline.
    """

    def __init__(self, wire: Transport, peer: str, faults: Faults) -> None:
        self._wire, self._peer, self._faults = wire, peer, faults

    async def handle_async_request(self, request: Request) -> Response:
        if (whose := journey.current()) is not None:
            self._send_hop(whose, request)
        if not self._faults.client:
            return await self._wire.handle_async_request(request)
        strike = self._faults.decide(self._faults.client, self._occasion(request))
        if strike is None:
            return await self._wire.handle_async_request(request)
        return await self._suffer(strike, request)

    def _send_hop(self, whose: journey.Journey, request: Request) -> None:
        call = call_of(request)
        call.kept = call.kept or whose.next_hop(self._peer, place_of(request, call))
        request.headers[journey.HOP] = journey.told(call.kept, call.resent)

    def _occasion(self, request: Request) -> Occasion:
        call = call_of(request)
        return Occasion(
            "client",
            place_of(request, call),
            self._peer,
            header=request.headers.get,
            hop=call.kept,
            attempt=call.resent,
        )

    async def _suffer(self, strike: Strike, request: Request) -> Response:
        strike.mark(get_current_span())
        await endure(self._faults, strike)
        if (ordered := answered(strike, request)) is not None:
            return ordered
        if await hung(self._faults, strike):
            raise ReadTimeout(strike.says("no answer came"), request=request)
        cut_off(strike, request, "before")
        if found := strike.has(DropContext):
            for name in (*TRACE, *TRACE_TOO, *(BAGGAGE if found[1].what == "all" else ())):
                request.headers.pop(name, None)
        response = await self._wire.handle_async_request(request)
        await delay(self._faults, strike, "after")
        cut_off(strike, request, "after")
        return response


def answered(strike: Strike, request: Request) -> Response | None:
    """The answer that was ordered, as a service of the shop would give it."""
    error = refusal(strike)
    if error is None:
        return None
    wait = {} if error.retry_after is None else {"retry-after": str(ceil(error.retry_after))}
    body = {"error": error.kind, "detail": str(error)}
    return Response(error.status, json=body, headers=wait, request=request)


def cut_off(strike: Strike, request: Request, position: str) -> None:
    """Raises what a broken connection raises, if that was ordered."""
    if (reset := strike.has(Reset)) and reset[1].position == position:
        raise ReadError(strike.says("connection reset by peer"), request=request)
    if position == "before" and (found := strike.has(NoConnection)):
        kind = ConnectTimeout if found[1].kind == "timeout" else ConnectError
        raise kind(strike.says(MESSAGES[found[1].kind]), request=request)


def call_of(request: Request) -> Call:
    """What is known of the call; of one that no `Peer` makes, its path."""
    call = request.extensions.get("call")
    return call if isinstance(call, Call) else Call(request.url.path)


def place_of(request: Request, call: Call) -> str:
    return f"{request.method} {call.route}"
