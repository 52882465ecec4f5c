"""What lens is, what it keeps, and where its doors are."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from lens.routes.pages.shell import Shell


def add_about(router: APIRouter, shell: Shell) -> None:
    @router.get("/about")
    async def read_about() -> HTMLResponse:
        return await shell.page("about.html")
