from fastapi import APIRouter

from services.auth.domain import GUEST, User


def routes() -> APIRouter:
    router = APIRouter(tags=["auth"])

    @router.get("/auth")
    async def identify() -> User:
        return GUEST

    return router
