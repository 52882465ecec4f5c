"""httpx's types, under the shop's names for them; beside this, only shared/http knows httpx."""

from httpx import AsyncBaseTransport as Transport
from httpx import Request, Response

__all__ = ["Request", "Response", "Transport"]
