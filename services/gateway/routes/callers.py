"""Who is calling: the per-request user that a route may depend on."""

from typing import Annotated

from fastapi import Path, Request

from services.gateway import domain
from services.gateway.clients import Auth
from services.gateway.domain import User
from shared.contracts.users import IDENTIFIED
from shared.edge import CLIENT, serve_as
from shared.errors import Forbidden, Unauthorized
from shared.origin import is_foreign

COOKIE = "acme_session"
LONGEST_ADDRESS = 64
UserId = Annotated[str, Path(json_schema_extra=IDENTIFIED)]


class Callers:
    """Each method calls auth once, and lets nobody pass but whom its name says. From there on the
    caller's tier goes along in baggage: the gateway is the first that knows it for sure.
    """

    def __init__(self, auth: Auth) -> None:
        self._auth = auth

    async def anyone(self, request: Request) -> User:
        """Whoever it is, the guest included."""
        user = await self._auth.user(token_of(request))
        serve_as(user.tier)
        return user

    async def known(self, request: Request) -> User:
        return domain.known(await self.anyone(request))

    async def owner(self, request: Request, userid: UserId) -> User:
        """Whoever the path names."""
        return domain.owner(await self.known(request), userid)

    async def staff(self, request: Request) -> User:
        return domain.staff(await self.known(request))


def token_of(request: Request) -> str:
    """The access token that came along; empty without one. A cookie comes along by itself, so it
    is no proof that the user wants a change which another site's page sends.
    """
    sent, cookie = request.headers.getlist("authorization"), request.cookies.get(COOKIE, "")
    if not sent and cookie and domain.changes(request.method, request.url.path):
        refuse_foreign(request)
    return domain.token_in(sent, cookie)


def token_if_any(request: Request) -> str:
    """The same, but empty for what is no token either."""
    try:
        return token_of(request)
    except Unauthorized:
        return ""


def refuse_foreign(request: Request) -> None:
    headers = request.headers
    host = headers.get("host", "")
    if is_foreign(headers.get("sec-fetch-site"), headers.get("origin"), host):
        raise Forbidden("this was sent from another site's page")


def address_of(request: Request) -> str:
    """Where a person is: the storefront says it of its own visitors, and of others it is known."""
    given = request.headers.get(CLIENT, "")[:LONGEST_ADDRESS]
    return given or (request.client.host if request.client else "")
