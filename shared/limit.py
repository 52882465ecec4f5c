"""How large the body of a request may be."""

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST = 64 * 1024


class BodyLimit:
    """ASGI middleware that lets `most` bytes of a body in, whatever its length is said to be. Who
    reads on gets a 413, which is answered as any other error is: starlette's own limit answers by
    itself, in plain text.
    """

    def __init__(self, app: ASGIApp, most: int = MOST) -> None:
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] == "GET":  # whose body nobody reads
            await self._app(scope, receive, send)
            return
        left = self._most

        async def limited() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413, f"at most {self._most} bytes are taken")
            return message

        await self._app(scope, limited, send)
