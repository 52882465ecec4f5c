"""Calling another service: one CLIENT span, context injected, a deadline for the whole, failures
named.

httpx's types and its transport interface are used, so that a test or a fault can take the wire's
place; its client is not: building and sending a request through `httpx.AsyncClient` costs more CPU
than all the rest of a hop. No other package imports httpx.
"""

from shared.http.breaker import Breaker
from shared.http.peer import Peer
from shared.http.pretended import Asked, Pretended
from shared.http.wire import Wire
from shared.transport import Request, Response, Transport

__all__ = ["Asked", "Breaker", "Peer", "Pretended", "Request", "Response", "Transport", "Wire"]
