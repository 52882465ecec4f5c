"""Runs of scenarios: begins them, brings them on, ends them, and keeps the faults in step."""

import logging
import secrets
from collections.abc import Iterable

from pydantic import ValidationError

from services.chaos.domain import run as doing
from services.chaos.domain.entry import Entry
from services.chaos.domain.run import Run
from services.chaos.domain.scenario import Scenario
from services.chaos.domain.staging import SOURCE, entries_of, source_of, staged_id
from services.chaos.flows.control import Control
from services.chaos.flows.library import Library
from shared.errors import Conflict, NotFound

KEPT, MOST = "runs", 50
TICK = 0.25  # seconds between two looks whether a moment has come

log = logging.getLogger("acmeshop")


class Runs:
    """One run of a scenario at a time for each session, and one for the class."""

    def __init__(self, control: Control, library: Library) -> None:
        self._control, self.library = control, library
        self._runs = {run.id: run for run in kept_in(control, library)}
        control.on_reset.append(self.stop_all)
        for run in self._runs.values():
            self._tell(run)
        self._forget_strays()

    def every(self) -> list[Run]:
        """The newest first."""
        return list(reversed(self._runs.values()))

    def named(self, id_: str) -> Run:
        """Raises NotFound."""
        if id_ not in self._runs:
            raise NotFound(f"no run {id_}: it never was, or is too long ago")
        return self._runs[id_]

    def scenario_of(self, run: Run) -> Scenario:
        return self.library.named(run.scenario)

    def begin(
        self,
        scenario: Scenario,
        session: str,
        *,
        seed: int | None = None,
        speed: float = 1.0,
        hidden: bool | None = None,
    ) -> Run:
        """Begins it for this session, or, without one, for everybody. Raises Conflict when it runs
        there already.
        """
        for run in self._runs.values():
            if run.is_on and (run.scenario, run.session) == (scenario.id, session):
                raise Conflict(f"{scenario.id} runs already there: run {run.id}")
        return self._kept(
            doing.begun(
                scenario,
                f"r-{secrets.token_hex(4)}",
                session,
                self._control.clock(),
                seed=scenario.seed if seed is None else seed,
                speed=speed,
                hidden=scenario.reveal == "hidden" if hidden is None else hidden,
            )
        )

    def fix(self, id_: str, fix_id: str) -> Run:
        run = self.named(id_)
        scenario = self.scenario_of(run)
        fix = scenario.fix(fix_id)
        if fix is None:
            known = ", ".join(one.id for one in scenario.fixes)
            raise NotFound(f"{run.scenario} has no fix {fix_id}: there are {known}")
        return self._kept(doing.fixed(run, fix, self._control.clock()))

    def hint(self, id_: str) -> Run:
        run = self.named(id_)
        return self._kept(doing.hinted(run, self.scenario_of(run), self._control.clock()))

    def reveal(self, id_: str) -> Run:
        """Shows what struck, also where it struck before: the ledger knows."""
        run = self._kept(doing.revealed(self.named(id_), self._control.clock()))
        self._control.reveal(*self.fault_ids(run))
        return run

    def stop(self, id_: str) -> Run:
        return self._kept(doing.stopped(self.named(id_), self._control.clock()))

    def restart(self, id_: str) -> Run:
        """The same once more, from its first moment on."""
        run = self.stop(id_)
        return self.begin(
            self.scenario_of(run), run.session, seed=run.seed, speed=run.speed, hidden=run.hidden
        )

    def stop_all(self, session: str | None) -> list[str]:
        """Stops the runs of the session, all for None; answers their ids."""
        wanted = [r for r in self._runs.values() if r.is_on and session in (None, r.session)]
        return [self.stop(run.id).id for run in wanted]

    async def advance(self) -> None:
        """Brings every run to the present moment."""
        now = self._control.clock()
        for run in list(self._runs.values()):
            if run.is_on:
                later = doing.advanced(run, self.scenario_of(run), now)
                if later is not run:
                    self._kept(later)

    def fault_ids(self, run: Run) -> list[str]:
        """The ids of all faults that it may ever have, as the services know them."""
        return [staged_id(id_, run) for id_ in self.scenario_of(run).every_id()]

    def _kept(self, run: Run) -> Run:
        self._runs[run.id] = run
        over = [old.id for old in self._runs.values() if not old.is_on][: len(self._runs) - MOST]
        for id_ in over:
            del self._runs[id_]
        self._control.kept[KEPT] = [one.model_dump(mode="json") for one in self._runs.values()]
        self._tell(run)
        self._control.save()
        return run

    def _tell(self, run: Run) -> None:
        """Has the services know its faults."""
        self._control.replace_source(source_of(run), entries_of(run), by=f"run {run.id}")

    def _forget_strays(self) -> None:
        """Takes away the faults of runs that nobody knows any more."""
        known = {source_of(run) for run in self._runs.values()}
        strays = {entry.source for entry in self._control.entries() if is_of_run(entry)} - known
        for source in strays:
            log.warning("%s was lost in a restart: its faults are removed", source)
            self._control.replace_source(source, ())


def is_of_run(entry: Entry) -> bool:
    return entry.source.startswith(SOURCE)


def kept_in(control: Control, library: Library) -> Iterable[Run]:
    """The runs that an earlier process kept, as far as their scenarios are still there."""
    for told in control.kept.get(KEPT, ()):
        try:
            run = Run.model_validate(told)
        except ValidationError as error:
            log.warning("a run of earlier cannot be read: %s", error)
            continue
        if run.scenario in library.scenarios:
            yield run
