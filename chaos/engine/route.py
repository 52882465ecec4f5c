"""Faults on the server's side: around a route, and on its response's way out."""

from functools import partial

from opentelemetry import context as otel
from opentelemetry.trace import get_current_span
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chaos.engine.connection import cut
from chaos.engine.effect import Drip, Reset, Truncate, Unready
from chaos.engine.engine import FaultEngine
from chaos.engine.injection import Injection, apply, delay, ended_badly, hung, refusal
from chaos.engine.injection_point import InjectionPoint, arrived, current, entered

NOT_HERE = frozenset({Unready})


class FaultyRoute:
    """A route's own ASGI application behind the service's faults; it runs after routing, in the
    SERVER span.
    """

    def __init__(self, app: ASGIApp, route: str, engine: FaultEngine) -> None:
        self._app, self._route, self._engine = app, route, engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = arrived(partial(header_of, scope), self._route)
        if path is None:
            await self._serve(scope, receive, send)
            return
        token = entered(path)
        try:
            await self._serve(scope, receive, send)
        finally:
            otel.detach(token)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._engine.registry.server:
            await self._app(scope, receive, send)
            return
        injection = self._engine.decide(self._point(scope))
        if injection is None:
            await self._app(scope, receive, send)
        else:
            await self._inject(injection, scope, receive, send)

    def _point(self, scope: Scope) -> InjectionPoint:
        path = current()
        return InjectionPoint(
            "server",
            f"{scope['method']} {self._route}",
            header=partial(header_of, scope),
            values=scope.get("path_params", {}),
            hop=path.hop if path else "",
            attempt=path.attempt if path else 0,
            not_here=NOT_HERE,
        )

    async def _inject(
        self, injection: Injection, scope: Scope, receive: Receive, send: Send
    ) -> None:
        span = get_current_span()
        injection.mark(span)
        await apply(self._engine, injection)
        if (error := refusal(injection)) is not None:
            raise error
        reset = injection.has(Reset)
        if await hung(self._engine, injection) or (reset and reset[1].position == "before"):
            ended_badly(span, "ConnectionResetError")
            await cut(scope, receive, "reset")
            return
        degraded = DegradedResponse(self._engine, injection, scope, receive, send)
        await self._app(scope, receive, degraded)


class DegradedResponse:
    """`send` for a response that comes late, in drops, in part, or not at all: the work is done by
    then.
    """

    def __init__(
        self, engine: FaultEngine, injection: Injection, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._engine, self._injection = engine, injection
        self._scope, self._receive, self._send = scope, receive, send
        self._reset, self._part = injection.has(Reset), injection.has(Truncate)
        self._drip = injection.has(Drip)
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await delay(self._engine, self._injection, "after")
        if self._reset is not None:
            await self._swallow(message)
        elif message["type"] != "http.response.body":
            await self._send(message)
        elif self._part is not None:
            await self._cut_short(message, self._part[1].keep)
        else:
            await self._let_drip(message)

    async def _swallow(self, message: Message) -> None:
        """Nobody hears that it was done."""
        if is_last(message):
            ended_badly(get_current_span(), "ConnectionResetError")
            await cut(self._scope, self._receive, "reset")

    async def _cut_short(self, message: Message, keep: float) -> None:
        self._body += message.get("body", b"")
        if is_last(message):
            some = self._body[: int(len(self._body) * keep)]
            await self._send({"type": "http.response.body", "body": some, "more_body": True})
            ended_badly(get_current_span(), "ConnectionAbortedError")
            await cut(self._scope, self._receive, "close")

    async def _let_drip(self, message: Message) -> None:
        body = message.get("body", b"")
        if self._drip is not None:
            active, effect = self._drip
            while len(body) > effect.chunk_bytes and active.is_active():
                chunk, body = body[: effect.chunk_bytes], body[effect.chunk_bytes :]
                part = {"type": "http.response.body", "body": chunk, "more_body": True}
                await self._send(part)
                await self._engine.wait(active, effect.interval_ms / 1000)
        await self._send({**message, "body": body})


def is_last(message: Message) -> bool:
    return message["type"] == "http.response.body" and not message.get("more_body")


def header_of(scope: Scope, name: str) -> str | None:
    wanted = name.lower().encode()
    found = (value for key, value in scope["headers"] if key == wanted)
    return next((value.decode("latin-1") for value in found), None)
