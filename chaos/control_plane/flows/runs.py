"""Runs of scenarios: starts them, moves them on, ends them, and keeps the faults in step."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from chaos.control_plane.domain.entry import Entry
from chaos.control_plane.domain.roles import PRESENTER, Caller
from chaos.control_plane.domain.scenario import run as doing
from chaos.control_plane.domain.scenario.model import Scenario
from chaos.control_plane.domain.scenario.reader import read_scenario
from chaos.control_plane.domain.scenario.run import SOURCE, Run, entries_of, source_of, staged_id
from chaos.control_plane.flows.control import Control
from chaos.engine.written import FaultError
from shared.errors import Conflict, NotFound, ShopError

log = logging.getLogger("acmeshop")


@dataclass(frozen=True)
class Library:
    """Scenarios by their ids, the easiest first, and the texts of their debriefs."""

    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    debriefs: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> "Library":
        """What the folder has; a file that cannot be used is left out, and the log says why."""
        found: dict[str, Scenario] = {}
        debriefs: dict[str, str] = {}
        for file in sorted(folder.glob("*.yaml")):
            try:
                scenario = read_scenario(file.read_text(encoding="utf-8"))
                debriefs[scenario.id] = (folder / scenario.debrief).read_text(encoding="utf-8")
            except (FaultError, OSError, UnicodeDecodeError) as error:
                log.warning("%s is not a scenario: %s", file, error)
                continue
            found[scenario.id] = scenario
        return cls(dict(sorted(found.items(), key=lambda pair: pair[1].rank)), debriefs)

    def named(self, id_: str) -> Scenario:
        """Raises NotFound."""
        if id_ not in self.scenarios:
            raise NotFound(f"no scenario {id_}: there are {', '.join(self.scenarios) or 'none'}")
        return self.scenarios[id_]


KEPT, MOST = "runs", 50
TICK = 0.25  # seconds between two looks whether a moment has come
STUCK = "it could not continue: the log of chaos says why"  # the reason would give the cause away


class Runs:
    """One run of a scenario at a time for each session, and one for the class."""

    def __init__(self, control: Control, library: Library) -> None:
        self._control, self.library = control, library
        self._runs = {run.id: run for run in kept_in(control, library)}
        self._on = asyncio.Event()
        self._on.set()  # until a look at them says otherwise
        control.on_reset.append(self.stop_all)
        for run in list(self._runs.values()):
            self._or_stop(run, self._apply)
        self._forget_strays()

    def every(self) -> list[Run]:
        """The newest first."""
        return list(reversed(self._runs.values()))

    def named(self, id_: str) -> Run:
        """Raises NotFound."""
        if id_ not in self._runs:
            raise NotFound(f"no run {id_}: it never existed, or is too long ago")
        return self._runs[id_]

    def scenario_of(self, run: Run) -> Scenario:
        return self.library.named(run.scenario)

    def begin(
        self,
        scenario: Scenario,
        session: str,
        *,
        by: Caller = PRESENTER,
        seed: int | None = None,
        speed: float = 1.0,
        hidden: bool | None = None,
    ) -> Run:
        """Starts it for this session, or, without one, for everybody. Raises Conflict when it runs
        there already, and Problem when there are too many.
        """
        self._check_limits(scenario, session, by)
        id_, now = f"r-{secrets.token_hex(4)}", self._control.clock()
        seed = scenario.seed if seed is None else seed
        hidden = scenario.reveal == "hidden" if hidden is None else hidden
        run = doing.begun(scenario, id_, session, now, seed=seed, speed=speed, hidden=hidden)
        return self._kept(run)

    def _check_limits(self, scenario: Scenario, session: str, by: Caller) -> None:
        on = [run for run in self._runs.values() if run.is_on]
        here = [run for run in on if run.session == session]
        for run in here:
            if run.scenario == scenario.id:
                raise Conflict(f"{scenario.id} is already running there: run {run.id}")
        by.may_start(len(here) + 1, len(on) + 1)
        by.may_have(0, len(self._control.entries()) + len(scenario.faults) + 1)

    def fix(self, id_: str, fix_id: str) -> Run:
        run = self.named(id_)
        scenario = self.scenario_of(run)
        fix = scenario.fix(fix_id)
        if fix is None:
            known = ", ".join(one.id for one in scenario.fixes)
            hint = "" if run.is_secret else f": there are {known}"
            raise NotFound(f"{run.scenario} has no fix {fix_id}{hint}")
        return self._kept(doing.fixed(run, fix, self._control.clock()))

    def hint(self, id_: str) -> Run:
        run = self.named(id_)
        return self._kept(doing.hinted(run, self.scenario_of(run), self._control.clock()))

    def reveal(self, id_: str) -> Run:
        """Shows its faults, and their hits of before, which the ledger has."""
        run = self.named(id_)
        run = self._kept(doing.revealed(run, self.scenario_of(run), self._control.clock()))
        self._control.reveal(*self.fault_ids(run))
        return run

    def stop(self, id_: str) -> Run:
        return self._kept(doing.stopped(self.named(id_), self._control.clock()))

    def restart(self, id_: str, by: Caller = PRESENTER) -> Run:
        """Starts the same again, from its first moment."""
        run = self.stop(id_)
        scenario, hidden = self.scenario_of(run), run.hidden
        return self.begin(
            scenario, run.session, by=by, seed=run.seed, speed=run.speed, hidden=hidden
        )

    def stop_all(self, session: str | None) -> list[str]:
        """Stops the runs of the session, all for None; answers their ids."""
        wanted = [r for r in self._runs.values() if r.is_on and session in (None, r.session)]
        return [self.stop(run.id).id for run in wanted]

    async def advance_when_on(self) -> None:
        """Waits until a run is on, and brings all to the present moment."""
        await self._on.wait()
        await self.advance()
        if not any(run.is_on for run in self._runs.values()):
            self._on.clear()

    async def advance(self) -> None:
        """Brings every run to the present moment."""
        for run in list(self._runs.values()):
            if run.is_on:
                self._or_stop(run, self._advance)

    def _advance(self, run: Run) -> None:
        later = doing.advanced(run, self.scenario_of(run), self._control.clock())
        if later is not run:
            self._kept(later)

    def _or_stop(self, run: Run, go_on: Callable[[Run], None]) -> None:
        """Stops a run that cannot continue, so that the others do."""
        try:
            go_on(run)
        except (ValueError, ShopError) as error:
            log.warning(
                "run %s of %s is stopped, it cannot continue: %s", run.id, run.scenario, error
            )
            self._kept(doing.stopped(run, self._control.clock(), STUCK))

    def fault_ids(self, run: Run) -> list[str]:
        """The ids of all faults that it may ever have, as the services know them."""
        return [staged_id(id_, run) for id_ in self.scenario_of(run).every_id()]

    def _kept(self, run: Run) -> Run:
        self._apply(run)
        self._runs[run.id] = run
        if run.is_on:
            self._on.set()
        over = [old.id for old in self._runs.values() if not old.is_on]
        for id_ in over[: max(0, len(self._runs) - MOST)]:
            del self._runs[id_]
        self._control.kept[KEPT] = [one.model_dump(mode="json") for one in self._runs.values()]
        self._control.save()
        return run

    def _apply(self, run: Run) -> None:
        """Applies its faults as they are now."""
        self._control.replace_source(source_of(run), entries_of(run), by=f"run {run.id}")

    def _forget_strays(self) -> None:
        """Removes the faults of runs that are no longer known."""
        known = {source_of(run) for run in self._runs.values()}
        strays = {entry.source for entry in self._control.entries() if is_of_run(entry)} - known
        for source in strays:
            log.warning("%s was lost in a restart: its faults are removed", source)
            self._control.replace_source(source, ())


def is_of_run(entry: Entry) -> bool:
    return entry.source.startswith(SOURCE)


def kept_in(control: Control, library: Library) -> Iterable[Run]:
    """The runs that an earlier process kept, as far as their scenarios are still there."""
    for kept in control.kept.get(KEPT, ()):
        try:
            run = Run.model_validate(kept)
        except ValidationError as error:
            log.warning("an earlier run cannot be read: %s", error)
            continue
        if run.scenario in library.scenarios:
            yield run
