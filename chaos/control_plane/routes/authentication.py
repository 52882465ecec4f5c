"""Authenticates each request: its caller, by token and by session."""

from fastapi import Request

from chaos.control_plane.domain.reading import Problem
from chaos.control_plane.domain.roles import Caller, Role, role_of
from chaos.control_plane.domain.scope import SESSION
from shared.settings import ChaosSettings

SHOP = "shop_session"


class Door:
    """Dependencies of routes: `caller` for whoever has a role, `presenter` for who may all."""

    def __init__(self, settings: ChaosSettings) -> None:
        self._presenter, self._student = settings.chaos_token, settings.student_token
        self._default: Role = settings.anonymous_role

    def role(self, token: str | None) -> Role | None:
        """The role that a token gives; None when it is of nobody."""
        return role_of(token, self._presenter, self._student, self._default)

    def known(self, request: Request) -> Caller:
        """Who is asking; a role of "none" for who has not shown who it is."""
        return Caller(self.role(bearer(request)) or "none", session_of(request))

    # These are coroutines because FastAPI has others wait for a thread.

    async def anybody(self, request: Request) -> Caller:
        return self.known(request)

    async def caller(self, request: Request) -> Caller:
        """Who is asking, if that is anybody."""
        found = self.known(request)
        if found.role == "none":
            told = "show the token of a presenter or a student: Authorization: Bearer ..."
            raise Problem(401, "unauthorized", told)
        return found

    async def presenter(self, request: Request) -> Caller:
        found = await self.caller(request)
        found.must_be_presenter("do that")
        return found


def bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def session_of(request: Request) -> str:
    """The session in the shop: the one that is asked for, or that of the browser's cookie."""
    cookie = request.cookies.get(SHOP, "").partition(".")[0]
    found = request.query_params.get("session") or cookie
    return found if SESSION.fullmatch(found) else ""
