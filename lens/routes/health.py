"""`/healthz` says that the process is alive, `/readyz` that it takes requests."""

from fastapi import APIRouter


def routes() -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def alive() -> dict[str, str]:
        return {"service": "lens", "status": "alive"}

    @router.get("/readyz")
    async def ready() -> dict[str, str]:
        return {"service": "lens", "status": "ready"}

    return router
