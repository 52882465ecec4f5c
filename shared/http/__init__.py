"""Calling another service: one CLIENT span, context injected, a deadline for the whole, failures
named.

peer.py makes a call, policy.py says how, breaker.py keeps it from a service that keeps failing,
wire.py sends it; simulated.py is a third party that answers from within the process.

httpx's types and its transport interface are used, so that a test or a fault can take the wire's
place; its client is not: building and sending a request through `httpx.AsyncClient` costs more CPU
than all the rest of a hop. No other package imports httpx.
"""

from shared.http.breaker import Breaker
from shared.http.peer import Peer
from shared.http.policy import CallPolicy
from shared.http.simulated import SimulatedRequest, SimulatedSystem
from shared.http.wire import Wire
from shared.transport import Request, Response, Transport

__all__ = [
    "Breaker",
    "CallPolicy",
    "Peer",
    "Request",
    "Response",
    "SimulatedRequest",
    "SimulatedSystem",
    "Transport",
    "Wire",
]
