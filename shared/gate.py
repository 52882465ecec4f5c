"""Which requests are let in at all: those that a browser sends for another site's page are not.

Services trust whoever reaches them, since they listen where only the shop is. A browser on the same
machine reaches them too, and sends what any page it shows has it send: so a request must name this
service as its host, must not come from another site if it may change something, and its body must
be of a kind that no form can send.
"""

from collections.abc import Collection, Mapping

from fastapi import Request
from fastapi.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.errors import BadRequest, ForeignOrigin, Misdirected, ShopError, UnsupportedMedia
from shared.hosts import KnownHosts, name_of
from shared.origin import is_foreign

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
# A load balancer may ask by any name; there is nothing to read but that the service is well.
HEALTH = frozenset({"/healthz", "/readyz"})
LONGEST = 100


class Gate:
    """ASGI middleware, outside of everything that reads a body. What it refuses is answered by the
    application's own handler of a ShopError.

    `media` are the types of a body that are taken, `special` those of single paths; with JSON every
    type that ends in +json is. None takes all, for routes that look at it themselves. At the paths
    `for_programs` things are sent in that programs have; of these, only a browser's need to name
    the host. `setting` is named to whoever uses a name that is not known.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: KnownHosts,
        media: Collection[str] | None = (JSON,),
        special: Mapping[str, Collection[str] | None] | None = None,
        for_programs: Collection[str] = (),
        setting: str = "ACME_HOSTS=",
    ) -> None:
        self._app, self._hosts, self._setting = app, hosts, setting
        self._media, self._special, self._for_programs = media, special or {}, for_programs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            self._check(scope)
        except ShopError as error:
            request = Request(scope, receive)
            answer = scope["app"].exception_handlers[ShopError]
            response: Response = await answer(request, error)
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        """Raises the ShopError with which the request is refused."""
        path = scope["path"]
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if scope["method"] in SAFE:
            if path not in HEALTH:
                self._check_host(scope, hosts)
            return
        headers = dict(scope["headers"])
        origin = text(headers, b"origin")
        if path in self._for_programs:
            if origin is not None:
                self._check_host(scope, hosts)
            return
        self._check_host(scope, hosts)
        host = hosts[0].decode("latin-1") if hosts else ""
        if is_foreign(text(headers, b"sec-fetch-site"), origin, host):
            shown = f", {origin[:LONGEST]}," if origin else ""
            raise ForeignOrigin(f"a page of another site{shown} cannot change anything here")
        self._check_media(path, headers)

    def _check_host(self, scope: Scope, hosts: list[bytes]) -> None:
        if not hosts and scope.get("http_version") == "1.0":  # no browser's, then
            return
        if len(hosts) != 1:
            raise BadRequest(f"one Host header is needed, not {len(hosts)}")
        host, server = hosts[0].decode("latin-1"), scope.get("server")
        if not self._hosts.know(host, server[0] if server else ""):
            raise self._unknown(host)

    def _unknown(self, host: str) -> ShopError:
        shown, name = host[:LONGEST], name_of(host)[:LONGEST]
        if not name:
            needed = "a name or an address, with or without a port, is needed"
            return BadRequest(f"Host: {needed}, not {shown!r}")
        remedy = f"{self._setting}{name} makes it one"
        return Misdirected(f"{shown!r} is no name of this service: {remedy}")

    def _check_media(self, path: str, headers: Mapping[bytes, bytes]) -> None:
        taken = self._special.get(path, self._media)
        if taken is None:
            return
        kind = (text(headers, b"content-type") or "").partition(";")[0].strip().lower()
        if not kind and not has_body(headers):
            return
        if kind in taken or (JSON in taken and is_json(kind)):
            return
        raise UnsupportedMedia(
            f"a body of the type {' or '.join(sorted(taken))} is taken here, not {kind[:LONGEST]!r}"
        )


def is_json(kind: str) -> bool:
    return kind.startswith("application/") and kind.endswith("+json")


def has_body(headers: Mapping[bytes, bytes]) -> bool:
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers


def text(headers: Mapping[bytes, bytes], name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")
