"""The control room: a page that shows all faults, and changes them."""

from collections.abc import Container
from dataclasses import replace
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from chaos.control_plane.domain.reading import Problem
from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.flows import listing
from chaos.control_plane.flows.control import Control
from chaos.control_plane.flows.prediction import rehearse
from chaos.control_plane.flows.runs import Runs
from chaos.control_plane.routes.authentication import Door
from chaos.control_plane.routes.scenarios import RunViews, concerns
from chaos.control_plane.views.board import Board, Links, Scope
from chaos.control_plane.views.clicks import Last, Strip, last_click, strip
from chaos.control_plane.views.rows import Row, Whose, seen
from chaos.control_plane.views.scenarios import card
from chaos.control_plane.views.shell import HEADERS, Shell
from chaos.engine.model import Fault
from shared.session import SESSION_ID


class Cards:
    """Every scenario with its runs, those that run first, and the last run that is over."""

    def __init__(self, runs: Runs, views: RunViews) -> None:
        self._runs, self._views = runs, views

    def of(self, caller: Caller) -> list[dict[str, Any]]:
        every = self._runs.library.scenarios.values()
        found = [card(one, caller, self._views.of_scenario(one, caller)) for one in every]
        cards = [one | {"last": self._last(one["id"], caller)} for one in found]
        return sorted(cards, key=lambda one: not one["runs"])

    def _last(self, scenario: str, caller: Caller) -> str:
        """The id of the newest run that is over, "" if there is none."""
        over = (run for run in self._runs.every() if run.scenario == scenario and not run.is_on)
        return next((run.id for run in over if concerns(run, caller)), "")


NEXT = 10


class Boards:
    """Makes the page of each caller; a session of one's own comes before the whole class."""

    def __init__(self, control: Control, cards: Cards, links: Links) -> None:
        self._control, self._cards, self._links = control, cards, links

    def of(
        self, caller: Caller, wanted: Scope | None = None, asked: str = "", *, hidden: bool = False
    ) -> Board:
        """`asked` is the session that the address names, "" if it names none. What is hidden is
        shown to presenters only, and only when it is asked for: they may be playing, too.
        """
        control, caller = self._control, replace(caller, guessing=not hidden)
        rows = [row_of(control, caller, told) for told in listing.rows(control, caller)]
        return Board(
            caller=caller,
            links=self._links,
            scope=(wanted or "mine") if caller.session else "class",
            all_rows=tuple(row for row in rows if caller.is_presenter or row.whose != "other"),
            profile=control.book.profile,
            profiles=tuple(control.book.profiles),
            stopped=control.book.stopped,
            applied="{}/{}".format(*control.applied()),
            now=control.clock(),
            last=self._last(caller),
            strip=self._strip(caller, {row.fault.id for row in seen(rows, mine=True)}),
            scenarios=tuple(self._cards.of(caller)),
            asked=asked,
        )

    def _last(self, caller: Caller) -> Last | None:
        if not caller.session:
            return None
        hits = self._control.hits
        met = hits.find(session=caller.session)
        return last_click(one for one in met if caller.sees(one.hit.fault in hits.secrets))

    def _strip(self, caller: Caller, striking: Container[str]) -> Strip | None:
        """What comes if the last click is made again; None when there was none."""
        if not caller.session:
            return None
        told = rehearse(self._control, caller.session, "", NEXT, caller)
        return strip(told, striking)


def row_of(control: Control, caller: Caller, told: listing.Row) -> Row:
    """A line of the API's list, as the control room looks at it."""
    live = told["since"] is not None
    fault = Fault.model_validate(told["fault"])
    if fault.where.service is None and not live:
        where = fault.where.model_copy(update={"service": told["service"]})
        fault = fault.model_copy(update={"where": where})
    return Row(
        fault=fault,
        source=told["source"],
        whose=whose(fault, told, caller),
        live=live,
        owner=told["owner"],
        why=told["why"],
        left=told["expires_in"],
        matched=told["matched"],
        fired=told["fired"],
        applied=told["applied"],
        rests=not live and rests(control, told["source"]),
        replaced=told["state"] == "replaced",
        changeable=live and may_change(control, caller, fault.id),
    )


def whose(fault: Fault, told: listing.Row, caller: Caller) -> Whose:
    if told["scope"] == "class":
        return "class"
    session = fault.where.match.session
    mine = session == caller.session if session else told["owner"] == caller.name
    return "mine" if caller.session and mine else "other"


def rests(control: Control, source: str) -> bool:
    """Whether a service's own fault would rest, if nothing took its place."""
    own = source.startswith("environment")
    return control.book.calm == "all" or (control.book.calm == "defaults" and not own)


def may_change(control: Control, caller: Caller, id_: str) -> bool:
    entry = control.entry(id_)
    if entry is None:
        return False
    try:
        caller.may_change(entry)
    except Problem:
        return False
    return True


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
