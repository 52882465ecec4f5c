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
from chaos.control_plane.routes.authentication import Authenticator, Shown
from chaos.control_plane.routes.scenarios import RunViews, concerns
from chaos.control_plane.views.board import Board, Links, Scope
from chaos.control_plane.views.clicks import Forecast, LastClick, forecast, last_click
from chaos.control_plane.views.rows import Row, Whose, in_force
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
    """Builds the page of each caller; by default for their session, if they have one."""

    def __init__(self, control: Control, cards: Cards, links: Links) -> None:
        self._control, self._cards, self._links = control, cards, links

    def of(
        self,
        caller: Caller,
        wanted: Scope | None = None,
        session: str = "",
        *,
        hidden: bool = False,
    ) -> Board:
        """`session` is that of the address, "" if it has none. Hidden faults are shown only to
        presenters who want to see them: they may be playing, too.
        """
        control, caller = self._control, replace(caller, guessing=not hidden)
        rows = [row_of(control, caller, row) for row in listing.rows(control, caller)]
        return Board(
            caller=caller,
            links=self._links,
            scope=(wanted or "mine") if caller.session else "class",
            all_rows=tuple(row for row in rows if caller.is_presenter or row.whose != "other"),
            profile=control.book.profile,
            profiles=tuple(control.book.profiles),
            stopped=control.book.stopped,
            before=control.book.before,
            applied="{}/{}".format(*control.applied()),
            now=control.clock(),
            last=self._last(caller),
            forecast=self._forecast(caller, {row.fault.id for row in in_force(rows, mine=True)}),
            scenarios=tuple(self._cards.of(caller)),
            session_given=session,
        )

    def _last(self, caller: Caller) -> LastClick | None:
        if not caller.session:
            return None
        hits = self._control.hits
        met = hits.find(session=caller.session)
        return last_click(one for one in met if caller.sees(one.hit.fault in hits.secrets))

    def _forecast(self, caller: Caller, in_force: Container[str]) -> Forecast | None:
        """What happens if the last click is repeated; None when there was none."""
        if not caller.session:
            return None
        rehearsal = rehearse(self._control, caller.session, "", NEXT, caller)
        return forecast(rehearsal, in_force)


def row_of(control: Control, caller: Caller, row: listing.Row) -> Row:
    """A row of the API's list, for the control room."""
    live = row["since"] is not None
    fault = Fault.model_validate(row["fault"])
    if fault.where.service is None and not live:
        where = fault.where.model_copy(update={"service": row["service"]})
        fault = fault.model_copy(update={"where": where})
    return Row(
        fault=fault,
        source=row["source"],
        whose=whose(fault, row, caller),
        live=live,
        owner=row["owner"],
        why=row["why"],
        left=row["expires_in"],
        matched=row["matched"],
        fired=row["fired"],
        applied=row["applied"],
        warning=row["warning"],
        rests=not live and rests(control, row["source"]),
        replaced=row["state"] == "replaced",
        changeable=live and may_change(control, caller, fault.id),
    )


def whose(fault: Fault, row: listing.Row, caller: Caller) -> Whose:
    if row["scope"] == "class":
        return "class"
    session = fault.where.match.session
    mine = session == caller.session if session else row["owner"] == caller.name
    return "mine" if caller.session and mine else "other"


def rests(control: Control, source: str) -> bool:
    """Whether a default fault would rest, if nothing replaced it."""
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
Session = Annotated[str, Query(pattern=rf"^({SESSION_ID})?$")]


def routes(control: Control, cards: Cards, auth: Authenticator, links: Links) -> APIRouter:
    router, shell = APIRouter(include_in_schema=False), Shell()
    boards = Boards(control, cards, links)
    anybody = Annotated[Caller, Depends(auth.anybody)]

    @router.get("/")
    async def read_board(
        caller: anybody, scope: Wanted = None, session: Session = "", hidden: Shown = None
    ) -> HTMLResponse:
        board = boards.of(caller, scope, session, hidden=hidden == "show")
        page = "sign_in.html" if caller.role == "none" else "control_room.html"
        return await to_thread.run_sync(lambda: shell.page(page, board=board))

    @router.post("/stop-all")
    async def stop_all(
        caller: Annotated[Caller, Depends(auth.caller)],
        scope: Wanted = None,
        session: Session = "",
    ) -> Response:
        """Stops all without script: the page's button is a form."""
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
