"""Authenticates each request: its caller, by token and by session."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import Query, Request

from chaos.control_plane.domain.reading import Problem
from chaos.control_plane.domain.roles import Caller, Role, role_of
from chaos.control_plane.domain.scope import SESSION
from shared.settings import ChaosSettings

COOKIE = "shop_session"
Shown = Annotated[
    Literal["show"] | None,
    Query(description="`show`: also what is hidden, for presenters"),
]


class Authenticator:
    """Dependencies of routes: `caller` and `reader` require a role, `presenter` that of one."""

    def __init__(self, settings: ChaosSettings) -> None:
        self._presenter, self._student = settings.chaos_token, settings.student_token
        self._default: Role = settings.anonymous_role

    def role(self, token: str | None) -> Role | None:
        """The role of a token; None for an unknown one."""
        return role_of(token, self._presenter, self._student, self._default)

    def identify(self, request: Request) -> Caller:
        """The caller of a request; the role "none" for one that is not signed in."""
        return Caller(self.role(bearer(request)) or "none", session_of(request))

    # These are coroutines because FastAPI runs plain functions in a thread.

    async def anybody(self, request: Request) -> Caller:
        return self.identify(request)

    async def caller(self, request: Request) -> Caller:
        """The caller. Raises Problem for one that is not signed in."""
        found = self.identify(request)
        if found.role == "none":
            message = (
                "not signed in: send a presenter's or students' token, Authorization: Bearer ..."
            )
            raise Problem(401, "unauthorized", message)
        return found

    async def reader(self, request: Request, hidden: Shown = None) -> Caller:
        """The caller of a request that shows faults: a presenter may be looking for the cause, too,
        and sees what is hidden only when they ask for it.
        """
        return replace(await self.caller(request), guessing=hidden is None)

    async def presenter(self, request: Request) -> Caller:
        found = await self.caller(request)
        found.must_be_presenter("do that")
        return found


def bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def session_of(request: Request) -> str:
    """The session in the shop: that of the query, or else of the browser's cookie."""
    cookie = request.cookies.get(COOKIE, "").partition(".")[0]
    found = request.query_params.get("session") or cookie
    return found if SESSION.fullmatch(found) else ""
