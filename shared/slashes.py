"""From `/orders/` to `/orders`, and the other way round, without a word of the Host header."""

from urllib.parse import quote

from fastapi import FastAPI
from starlette.responses import RedirectResponse
from starlette.routing import Match, Router
from starlette.types import Receive, Scope, Send


def install(app: FastAPI) -> None:
    """Redirects to a path, where starlette would repeat the name by which it was called."""
    app.router.redirect_slashes = False
    app.router.default = Slashes(app.router)


class Slashes:
    """What a router does when no route matches: it tries the path with a slash more, or less."""

    def __init__(self, router: Router) -> None:
        self._router, self._not_found = router, router.default

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        to = self._other(scope) if scope["type"] == "http" else ""
        if not to:
            await self._not_found(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        response = RedirectResponse(f"{quote(to)}?{query}" if query else quote(to))
        await response(scope, receive, send)

    def _other(self, scope: Scope) -> str:
        path: str = scope["path"]
        other = path.rstrip("/") if path.endswith("/") else f"{path}/"
        if not other or other.startswith("//"):  # which would be another host
            return ""
        tried = {**scope, "path": other}
        found = any(route.matches(tried)[0] is not Match.NONE for route in self._router.routes)
        return other if found else ""
