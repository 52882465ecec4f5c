from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from services.gateway import domain
from services.gateway.clients.account import Auth, Users
from services.gateway.domain import User
from services.gateway.routes.bodies import Credentials, Logout, RefreshToken, Registration
from services.gateway.routes.callers import COOKIE, Callers, token_if_any
from services.gateway.routes.paths import post


def routes(callers: Callers, auth: Auth, users: Users) -> APIRouter:
    router = APIRouter(tags=["account"])

    @post(router, "/login/")
    async def log_in(request: Request, given: Credentials) -> Any:
        return admitted(request, await auth.log_in(given.username, given.password))

    @post(router, "/refresh-token")
    async def refresh(request: Request, given: RefreshToken) -> Any:
        return admitted(request, await auth.refresh(given.refresh_token))

    @post(router, "/logout")
    async def log_out(request: Request, given: Logout | None = None) -> Any:
        await auth.log_out(token_if_any(request), given.refresh_token if given else None)
        response = JSONResponse({"message": "logged out"})
        # Another site's page cannot have the cookie sent along, and so cannot have it taken away.
        if COOKIE in request.cookies:
            response.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return response

    @post(router, "/register", 201)
    async def register(given: Registration) -> Any:
        user_id = await users.register(given.sent())
        message = "registered: log in with this name and password"
        return JSONResponse({"userid": user_id, "resourceId": user_id, "message": message}, 201)

    @router.get("/users/{userid}")
    async def read_user(userid: str, user: Annotated[User, Depends(callers.known)]) -> Any:
        # Whether there is such a user is told before whether it is another one.
        profile = await users.read(userid)
        domain.owner(user, userid)
        return JSONResponse(profile)

    return router


def admitted(request: Request, session: dict[str, Any]) -> JSONResponse:
    """A new session for a client that keeps tokens, and for one that keeps cookies."""
    told = {
        "token": session["user"]["id"],
        "access_token": session["access_token"],
        "refresh_token": session["refresh_token"],
        "user": session["user"],
    }
    response = JSONResponse(told, headers={"cache-control": "no-store"})
    response.set_cookie(
        COOKIE,
        session["access_token"],
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response
