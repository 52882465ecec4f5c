"""Which requests are let in at all: no forged ones from other sites, and none too large."""

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from chaos.control_plane.routes.json_api import problem
from shared.limit import BodyLimit
from shared.origin import is_foreign

KIB = 1024
MOST, MOST_OF_A_REPORT = 256 * KIB, 4096 * KIB
REPORTS = "/chaos/v1/reports"


class Limits:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._small, self._large = BodyLimit(app, MOST), BodyLimit(app, MOST_OF_A_REPORT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limited = self._large if scope.get("path") == REPORTS else self._small
        await limited(scope, receive, send)


SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
JSON = frozenset({"application/json", "application/merge-patch+json"})
TEXTS = JSON | {"application/yaml", "application/x-yaml", "text/yaml", "text/plain"}
FORMS = frozenset({"application/x-www-form-urlencoded"})
# All others take JSON, which the form of another site cannot send.
TAKES = {"/chaos/v1/validate": TEXTS, "/stop-all": FORMS}


class Guard:
    """ASGI middleware. `names` are the accepted host names, beside localhost and any IP address:
    a foreign name may resolve to this machine (DNS rebinding).

    With `anybody` every host name is accepted; then no caller has a role without a token.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str], anybody: bool) -> None:
        self._app, self._names, self._anybody = app, frozenset(names) | {"localhost"}, anybody

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._refusal(scope) if scope["type"] == "http" else None
        await (answer or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not (self._anybody or self._is_ours(host)):
            message = f"{host!r} is not a name of the control plane; CHAOS_URL can give it one"
            return problem(403, "forbidden-host", message)
        if scope["method"] in SAFE:
            return None
        if is_foreign(headers.get("sec-fetch-site"), headers.get("origin"), host):
            return problem(
                403, "forbidden-origin", "a page of another site cannot change anything here"
            )
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        allowed = TAKES.get(scope["path"], JSON)
        if kind not in allowed and (kind or has_body(headers)):
            return problem(
                415, "unsupported-media-type", f"application/json is expected, not {kind!r}"
            )
        return None

    def _is_ours(self, host: str) -> bool:
        name = name_of(host)
        try:
            return bool(ip_address(name))
        except ValueError:
            return name.lower() in self._names


def name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
