from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from opentelemetry import trace
from pydantic import BaseModel, Field

from services.auth.clients import Users
from services.auth.domain import ENDED, GUEST, User, bearer
from services.auth.store import SessionStore
from shared.contracts.auth import Caller, LoggedOut, Session
from shared.contracts.users import Profile
from shared.errors import Unauthorized
from shared.openapi import errors

LONGEST = 200
# In the document it is a security scheme.
Authorization = Annotated[list[str] | None, Header(include_in_schema=False)]
WITH_TOKEN: dict[str, Any] = {"security": [{}, {"token": []}]}


class Credentials(BaseModel):
    username: str = Field(max_length=32)
    password: str = Field(max_length=128, repr=False)


class Refresh(BaseModel):
    refresh_token: str = Field(max_length=LONGEST, repr=False)


class Logout(BaseModel):
    refresh_token: str | None = Field(None, max_length=LONGEST, repr=False)


def routes(sessions: SessionStore, users: Users) -> APIRouter:
    router = APIRouter(tags=["auth"])

    @router.get("/auth", responses=errors(401), openapi_extra=WITH_TOKEN)
    async def identify(authorization: Authorization = None) -> Caller:
        token = bearer(authorization or ())
        user = await sessions.user(token) if token else GUEST
        trace.get_current_span().set_attribute("user.id", user.id)
        return Caller(
            id=user.id, username=user.username, name=user.name, role=user.role, tier=user.tier
        )

    @router.post("/login", responses=errors(401))
    async def log_in(credentials: Credentials, response: Response) -> Session:
        profile = await users.with_credentials(credentials.username, credentials.password)
        return await opened(profile, response)

    @router.post("/refresh", responses=errors(401))
    async def refresh(body: Refresh, response: Response) -> Session:
        user = await sessions.refreshable(body.refresh_token)
        # Read before the token is used up: when users fails, it can be tried again.
        profile = await users.read(user.id)
        if not await sessions.end(refresh=body.refresh_token):
            raise Unauthorized(ENDED)
        return await opened(profile, response)

    @router.post("/logout", openapi_extra=WITH_TOKEN)
    async def log_out(authorization: Authorization = None, body: Logout | None = None) -> LoggedOut:
        if token := token_if_any(authorization):
            await sessions.end(access=token)
        if body is not None and body.refresh_token:
            await sessions.end(refresh=body.refresh_token)
        return LoggedOut()

    async def opened(profile: Profile, response: Response) -> Session:
        tokens = await sessions.open(user_of(profile))
        response.headers["cache-control"] = "no-store"
        return Session(user=profile, access_token=tokens.access, refresh_token=tokens.refresh)

    return router


def user_of(profile: Profile) -> User:
    name = f"{profile.firstname} {profile.lastname}"
    return User(profile.id, profile.username, name, profile.role, profile.tier)


def token_if_any(authorization: list[str] | None) -> str | None:
    try:
        return bearer(authorization or ())
    except Unauthorized:  # who is not logged in need not be logged out
        return None
