"""Puts together what the control room shows to whoever asks."""

from collections.abc import Container
from dataclasses import replace

from chaos.control_plane.domain.panel import Board, Links, Scope
from chaos.control_plane.domain.panel_rows import Row, Whose, seen
from chaos.control_plane.domain.panel_told import Last, Strip, last_click, strip
from chaos.control_plane.domain.problem import Problem
from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.flows import listing
from chaos.control_plane.flows.control import Control
from chaos.control_plane.flows.rehearsal import rehearse
from chaos.control_plane.routes.panel_scenarios import Cards
from chaos.engine.model import Fault

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
            profile=control.profile,
            profiles=tuple(control.profiles),
            stopped=control.stopped,
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
    return control.calm == "all" or (control.calm == "defaults" and not own)


def may_change(control: Control, caller: Caller, id_: str) -> bool:
    entry = control.entry(id_)
    if entry is None:
        return False
    try:
        caller.may_change(entry)
    except Problem:
        return False
    return True
