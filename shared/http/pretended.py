"""A system outside the shop that is only pretended: it is called in earnest, but answers from
here.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from httpx import ByteStream

from shared.transport import Request, Response, Transport


class Pretended(Transport):
    """`answer(method, path)` gives the status and the JSON body; each answer takes `seconds`."""

    def __init__(self, answer: Callable[[str, str], tuple[int, Any]], seconds: float = 0.0) -> None:
        self._answer, self._seconds = answer, seconds

    async def handle_async_request(self, request: Request) -> Response:
        await asyncio.sleep(self._seconds)
        status, body = self._answer(request.method, request.url.path)
        return Response(status, stream=ByteStream(json.dumps(body).encode()), request=request)
