"""An answer on its way out that comes late, in drops, in part, or not at all."""

from opentelemetry.trace import get_current_span
from starlette.types import Message, Receive, Scope, Send

from chaos.engine.connection import cut
from chaos.engine.effect import Drip, Reset, Truncate
from chaos.engine.endure import delay
from chaos.engine.engine import Faults
from chaos.engine.strike import Strike, ended_badly


class Spoiled:
    """`send`, as far as a strike lets it: the work is done by then."""

    def __init__(
        self, faults: Faults, strike: Strike, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._faults, self._strike = faults, strike
        self._scope, self._receive, self._send = scope, receive, send
        self._reset, self._part = strike.has(Reset), strike.has(Truncate)
        self._drip = strike.has(Drip)
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await delay(self._faults, self._strike, "after")
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
            while len(body) > effect.chunk_bytes and active.is_there():
                chunk, body = body[: effect.chunk_bytes], body[effect.chunk_bytes :]
                part = {"type": "http.response.body", "body": chunk, "more_body": True}
                await self._send(part)
                await self._faults.wait(active, effect.interval_ms / 1000)
        await self._send({**message, "body": body})


def is_last(message: Message) -> bool:
    return message["type"] == "http.response.body" and not message.get("more_body")
