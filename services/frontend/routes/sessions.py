"""The edge of the storefront: whose click it is and which, in a cookie and in baggage."""

import secrets
from collections.abc import Iterator
from dataclasses import replace

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.frontend.domain.visitor import Session, Steps, plan_in
from services.frontend.routes.visit import PLAN, SESSION, Visit
from shared import session as baggage
from shared.edge import drop_internal_headers, going_on
from shared.telemetry.decorator import is_silent
from shared.telemetry.routing import Routes
from shared.telemetry.server import UNTRACED

HALF_A_DAY = 12 * 3600
PLAN_QUERY = "plan"


class Sessions:
    """ASGI middleware, inside of the SERVER span. A click is a page that is opened or a form that
    is sent. What leaves no trace is none: a page that asks how things are must not change what the
    next click meets.
    """

    def __init__(self, app: ASGIApp, routes: Routes, secret: str) -> None:
        self._app, self._routes, self._secret = app, routes, secret
        self._steps = Steps()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNTRACED:
            await self._app(scope, receive, send)
            return
        drop_internal_headers(scope)
        visit = Visit(Request(scope))
        session, cookies = self._session_of(visit)
        if session is not None:
            scope.setdefault("state", {})["session"] = session

        async def with_cookies(message: Message) -> None:
            if cookies and message["type"] == "http.response.start":
                added = [(b"set-cookie", cookie) for cookie in cookies]
                message = {**message, "headers": [*message.get("headers", ()), *added]}
            await send(message)

        with going_on(baggage.sealed(members(visit, session), self._secret)):
            await self._app(scope, receive, with_cookies)

    def _session_of(self, visit: Visit) -> tuple[Session | None, list[bytes]]:
        """The session at the step that this is, and the cookies that change by it."""
        kept = visit.kept_session
        if not self._is_click(visit.request.scope):
            return kept and self._steps.now(kept), []
        session = self._steps.next(kept or Session(secrets.token_hex(8)))
        chosen = visit.request.query_params.get(PLAN_QUERY)
        if chosen is not None:
            session = replace(session, plan=plan_in(chosen))
        return session, list(cookies_of(visit, session, planned=chosen is not None))

    def _is_click(self, scope: Scope) -> bool:
        route = self._routes.route_of(scope)
        return route is not None and not is_silent(route.endpoint)


def members(visit: Visit, session: Session | None) -> dict[str, str]:
    """The members of the baggage."""
    if session is None:
        return {}
    found = {
        baggage.SESSION: session.id,
        baggage.STEP: str(session.step),
        baggage.TENANT: baggage.tenant_of(session.id),
    }
    if session.plan:
        found[baggage.PLAN] = session.plan
    if visit.user is not None:
        found[baggage.USER] = visit.user.id
    return found


def cookies_of(visit: Visit, session: Session, *, planned: bool) -> Iterator[bytes]:
    yield cookie(visit, SESSION, session.written(), HALF_A_DAY)
    if planned:
        yield cookie(visit, PLAN, session.plan, HALF_A_DAY if session.plan else 0)


def cookie(visit: Visit, name: str, value: str, seconds: int) -> bytes:
    secure = "; Secure" if visit.request.url.scheme == "https" else ""
    text = f"{name}={value}; HttpOnly; Max-Age={seconds}; Path=/; SameSite=lax{secure}"
    return text.encode("latin-1")
