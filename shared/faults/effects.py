"""Makes a strike felt: on the server's side around a route, on the client's side around the
transport.
"""

import asyncio

from opentelemetry import trace
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.errors import InjectedFault
from shared.faults.engine import Faults, Strike
from shared.transport import Request, Response, Transport


def mark(strike: Strike) -> None:
    """Says on the current span that what follows was ordered; all else on it stays as in a real
    failure.
    """
    span = trace.get_current_span()
    span.set_attribute("acmeshop.fault.id", strike.cause.id)
    span.set_attribute("acmeshop.fault.type", "latency" if strike.status is None else "error")
    if strike.delay:
        span.set_attribute("acmeshop.fault.delay_ms", strike.delay * 1000)


class FaultyRoute:
    """A route's own ASGI application behind the service's faults; it runs after routing, in the
    SERVER span.
    """

    def __init__(self, app: ASGIApp, route: str, faults: Faults) -> None:
        self._app, self._route, self._faults = app, route, faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        strike = self._faults.on_request(scope["method"], self._route)
        if strike is not None:
            mark(strike)
            await asyncio.sleep(strike.delay)
            if strike.status is not None:
                raise InjectedFault(f"[acmeshop fault {strike.cause.id}]", strike.status)
        await self._app(scope, receive, send)


class FaultyTransport(Transport):
    """The wire to one peer, with the faults that strike calls to it; inside the CLIENT span and
    its deadline.
    """

    def __init__(self, wire: Transport, peer: str, faults: Faults) -> None:
        self._wire, self._peer, self._faults = wire, peer, faults

    async def handle_async_request(self, request: Request) -> Response:
        strike = self._faults.on_call(self._peer)
        if strike is not None:
            mark(strike)
            await asyncio.sleep(strike.delay)
            if strike.status is not None:
                detail = f"[acmeshop fault {strike.cause.id}]"
                body = {"error": "injected_fault", "detail": detail}
                return Response(strike.status, json=body, request=request)
        return await self._wire.handle_async_request(request)
