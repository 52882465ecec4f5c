"""Against DNS rebinding: a page of another site must not reach lens by that site's name."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.origin import is_local


class LocalHosts:
    """Refuses requests for a Host that is neither local nor one of `others`.

    Only in force while lens listens on a loopback address, which is what `bound` says: on a network
    it answers to any name.
    """

    def __init__(self, app: ASGIApp, bound: str, others: Iterable[str] = ()) -> None:
        self._app = app
        self._bound, self._open = bound, not is_local(bound)
        self._others = frozenset(others)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._open or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = next(
            (value.decode("latin-1") for key, value in scope["headers"] if key == b"host"), ""
        )
        name = name_of(host)
        if is_local(name) or name in self._others:
            await self._app(scope, receive, send)
            return
        detail = f"lens listens on {self._bound} and answers to localhost only, not to {host!r}"
        await JSONResponse({"error": "forbidden", "detail": detail}, 403)(scope, receive, send)


def name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
