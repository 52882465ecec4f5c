"""A simulated third party: it is called like a system outside the shop, with a CLIENT span, but
answers from within this process.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from httpx import ByteStream

from shared.transport import Request, Response, Transport


@dataclass(frozen=True)
class SimulatedRequest:
    """A request as the system sees it; `body` is its JSON, `key` its Idempotency-Key."""

    method: str
    path: str
    body: Any = None
    key: str = ""


class SimulatedSystem(Transport):
    """`answer(request)` gives the status and the JSON body; each answer takes `seconds`."""

    def __init__(
        self, answer: Callable[[SimulatedRequest], Awaitable[tuple[int, Any]]], seconds: float = 0.0
    ) -> None:
        self._answer, self._seconds = answer, seconds

    async def handle_async_request(self, request: Request) -> Response:
        await asyncio.sleep(self._seconds)
        content = await request.aread()
        seen = SimulatedRequest(
            request.method,
            request.url.path,
            json.loads(content) if content else None,
            request.headers.get("idempotency-key", ""),
        )
        status, body = await self._answer(seen)
        return Response(status, stream=ByteStream(json.dumps(body).encode()), request=request)
