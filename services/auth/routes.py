from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse
from opentelemetry import trace
from pydantic import BaseModel, Field

from services.auth.clients import Users
from services.auth.domain import ENDED, GUEST, User, bearer
from services.auth.store import SessionStore
from shared.errors import Unauthorized

LONGEST = 200
Authorization = Annotated[list[str] | None, Header()]


class Credentials(BaseModel):
    username: str = Field(max_length=32)
    password: str = Field(max_length=128, repr=False)


class Refresh(BaseModel):
    refresh_token: str = Field(max_length=LONGEST, repr=False)


class Logout(BaseModel):
    refresh_token: str | None = Field(None, max_length=LONGEST, repr=False)


def routes(sessions: SessionStore, users: Users) -> APIRouter:
    router = APIRouter(tags=["auth"])

    @router.get("/auth")
    async def identify(authorization: Authorization = None) -> Any:
        token = bearer(authorization or ())
        user = await sessions.user(token) if token else GUEST
        trace.get_current_span().set_attribute("user.id", user.id)
        return JSONResponse(user.told())

    @router.post("/login")
    async def log_in(given: Credentials) -> Any:
        return await admitted(await users.with_credentials(given.username, given.password))

    @router.post("/refresh")
    async def refresh(given: Refresh) -> Any:
        user = await sessions.refreshable(given.refresh_token)
        # Asked before the token is used up: when users fails, it can be tried again.
        profile = await users.read(user.id)
        if not await sessions.end(refresh=given.refresh_token):
            raise Unauthorized(ENDED)
        return await admitted(profile)

    @router.post("/logout")
    async def log_out(authorization: Authorization = None, given: Logout | None = None) -> Any:
        if token := token_if_any(authorization):
            await sessions.end(access=token)
        if given is not None and given.refresh_token:
            await sessions.end(refresh=given.refresh_token)
        return JSONResponse({})

    async def admitted(profile: dict[str, Any]) -> JSONResponse:
        tokens = await sessions.open(User.of(profile))
        answer = {
            "user": profile,
            "access_token": tokens.access,
            "refresh_token": tokens.refresh,
        }
        return JSONResponse(answer, headers={"cache-control": "no-store"})

    return router


def token_if_any(authorization: list[str] | None) -> str | None:
    try:
        return bearer(authorization or ())
    except Unauthorized:  # who is not logged in need not be logged out
        return None
