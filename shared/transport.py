"""httpx's types, under the shop's names for them; beside this, only shared/http knows httpx."""

from dataclasses import dataclass

from httpx import AsyncBaseTransport as Transport
from httpx import (
    ConnectError,
    ConnectTimeout,
    ReadError,
    ReadTimeout,
    Request,
    Response,
    TransportError,
)

__all__ = [
    "Call",
    "ConnectError",
    "ConnectTimeout",
    "ReadError",
    "ReadTimeout",
    "Request",
    "Response",
    "Transport",
    "TransportError",
]


@dataclass
class Call:
    """What a request does not say of itself, for those around the wire, in `extensions["call"]`:
    the callee's route, and how often this call was sent before. All its attempts share one, with
    what those around the wire `kept`.
    """

    route: str
    resent: int = 0
    kept: str = ""
