"""One log line for every request, when ACME_ACCESS_LOG asks for it."""

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("acmeshop.access")


class AccessLog:
    """ASGI middleware inside the SERVER span, so that the line carries its ids."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                log.info("%s %s %d", scope["method"], scope["path"], message["status"])
            await send(message)

        await self._app(scope, receive, noting if scope["type"] == "http" else send)
