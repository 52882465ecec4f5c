"""How large a body may be, and of which type, where that is another than elsewhere."""

from starlette.types import ASGIApp, Receive, Scope, Send

from shared.gate import FORM, JSON
from shared.limit import BodyLimit

KIB = 1024
MOST, MOST_OF_A_REPORT = 256 * KIB, 4096 * KIB
REPORTS = "/chaos/v1/reports"
TEXTS = (JSON, "application/yaml", "application/x-yaml", "text/yaml", "text/plain")
SPECIAL = {"/chaos/v1/validate": TEXTS, "/stop-all": (FORM,)}


class Limits:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._small, self._large = BodyLimit(app, MOST), BodyLimit(app, MOST_OF_A_REPORT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limited = self._large if scope.get("path") == REPORTS else self._small
        await limited(scope, receive, send)
