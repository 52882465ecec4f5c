"""Faults on the server's side: around a route."""

from functools import partial

from opentelemetry import context as otel
from opentelemetry.trace import get_current_span
from starlette.types import ASGIApp, Receive, Scope, Send

from chaos.engine import journey
from chaos.engine.connection import cut
from chaos.engine.effect import Reset, Unready
from chaos.engine.endure import endure, hung, refusal
from chaos.engine.engine import Faults
from chaos.engine.occasion import Occasion
from chaos.engine.spoiled import Spoiled
from chaos.engine.strike import Strike, ended_badly

NOT_HERE = frozenset({Unready})


class FaultyRoute:
    """A route's own ASGI application behind the service's faults; it runs after routing, in the
    SERVER span.
    """

    def __init__(self, app: ASGIApp, route: str, faults: Faults) -> None:
        self._app, self._route, self._faults = app, route, faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        whose = journey.arrived(partial(header_of, scope), self._route)
        if whose is None:
            await self._serve(scope, receive, send)
            return
        token = journey.entered(whose)
        try:
            await self._serve(scope, receive, send)
        finally:
            otel.detach(token)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._faults.server:
            await self._app(scope, receive, send)
            return
        strike = self._faults.decide(self._faults.server, self._occasion(scope))
        if strike is None:
            await self._app(scope, receive, send)
        else:
            await self._suffer(strike, scope, receive, send)

    def _occasion(self, scope: Scope) -> Occasion:
        whose = journey.current()
        return Occasion(
            "server",
            f"{scope['method']} {self._route}",
            header=partial(header_of, scope),
            values=scope.get("path_params", {}),
            hop=whose.hop if whose else "",
            attempt=whose.attempt if whose else 0,
            not_here=NOT_HERE,
        )

    async def _suffer(self, strike: Strike, scope: Scope, receive: Receive, send: Send) -> None:
        span = get_current_span()
        strike.mark(span)
        await endure(self._faults, strike)
        if (error := refusal(strike)) is not None:
            raise error
        reset = strike.has(Reset)
        if await hung(self._faults, strike) or (reset and reset[1].position == "before"):
            ended_badly(span, "ConnectionResetError")
            await cut(scope, receive, "reset")
            return
        spoiled = Spoiled(self._faults, strike, scope, receive, send)
        await self._app(scope, receive, spoiled)


def header_of(scope: Scope, name: str) -> str | None:
    wanted = name.lower().encode()
    found = (value for key, value in scope["headers"] if key == wanted)
    return next((value.decode("latin-1") for value in found), None)
