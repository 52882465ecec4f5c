"""The control room: a page to see all faults on, and to change them."""

from typing import Annotated, Literal
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from chaos.control_plane.domain.panel import Links
from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.flows.control import Control
from chaos.control_plane.routes.door import Door
from chaos.control_plane.routes.panel_board import Boards
from chaos.control_plane.routes.panel_scenarios import Cards
from chaos.control_plane.routes.panel_shell import HEADERS, Shell
from chaos.engine.values import SESSION_ID

Wanted = Annotated[Literal["mine", "class"] | None, Query()]
Shown = Annotated[Literal["show"] | None, Query()]
Asked = Annotated[str, Query(pattern=rf"^({SESSION_ID})?$")]


def routes(control: Control, cards: Cards, door: Door, links: Links) -> APIRouter:
    router, shell = APIRouter(include_in_schema=False), Shell()
    boards = Boards(control, cards, links)
    anybody = Annotated[Caller, Depends(door.anybody)]

    @router.get("/")
    async def read_board(
        caller: anybody, scope: Wanted = None, session: Asked = "", hidden: Shown = None
    ) -> HTMLResponse:
        board = boards.of(caller, scope, session, hidden=hidden == "show")
        page = "door.html" if caller.role == "none" else "panel.html"
        return await to_thread.run_sync(lambda: shell.page(page, board=board))

    @router.post("/stop-all")
    async def stop_all(
        caller: Annotated[Caller, Depends(door.caller)],
        scope: Wanted = None,
        session: Asked = "",
    ) -> Response:
        """What the page's button does where there is no script."""
        control.stop(None if caller.is_presenter else caller.must_have_session(), by=caller.name)
        query = {"session": session, "scope": scope or ""}
        to = urlencode({name: text for name, text in query.items() if text})
        return RedirectResponse(f"/?{to}", 303, HEADERS)

    @router.get("/static/{build}/{name}")
    async def read_asset(build: str, name: str) -> Response:
        return shell.assets.answer(name, build)

    @router.get("/favicon.ico")
    async def read_icon() -> Response:
        return shell.assets.answer("icon.svg")

    return router
