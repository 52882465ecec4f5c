"""A run of a scenario: what has happened so far, and the faults that follow from it."""

from hashlib import blake2b
from typing import Literal

from chaos.control_plane.domain.entry import Entry
from chaos.control_plane.domain.scenario.model import Fix, Scenario, Severity, changed, possible
from chaos.engine.effect import Latency
from chaos.engine.model import ALL, Fault, Match, Where
from chaos.engine.values import Part
from shared.errors import Conflict

What = Literal["begun", "page", "changed", "hint", "fixed", "revealed", "ended", "stopped"]


class Note(Part):
    """An event, and when it happened; a page has its severity."""

    at: float
    what: What
    text: str
    severity: Severity = "info"


class Run(Part):
    """`session` is whose clicks it affects, "" for everybody's; `moments` counts those of its
    timeline that have come, `made` are the applied fixes, in their order.
    """

    id: str
    scenario: str
    session: str
    seed: int
    speed: float
    hidden: bool
    begun: float
    ends: float
    faults: tuple[Fault, ...]
    state: Literal["running", "ended", "stopped"] = "running"
    moments: int = 0
    made: tuple[str, ...] = ()
    hints: int = 0
    revealed: bool = False
    notes: tuple[Note, ...] = ()

    @property
    def is_on(self) -> bool:
        return self.state == "running"

    @property
    def is_secret(self) -> bool:
        """Whether students must not see its cause yet."""
        return self.hidden and not self.revealed

    @property
    def is_open(self) -> bool:
        """Whether all may be shown: it was revealed, or it is over."""
        return self.revealed or not self.is_on

    def noted(self, at: float, what: What, text: str, **changes: object) -> "Run":
        return self.with_note(Note(at=at, what=what, text=text), **changes)

    def with_note(self, note: Note, **changes: object) -> "Run":
        return self.model_copy(update={**changes, "notes": (*self.notes, note)})


def begun(
    scenario: Scenario, id_: str, session: str, now: float, *, seed: int, speed: float, hidden: bool
) -> Run:
    run = Run(
        id=id_,
        scenario=scenario.id,
        session=session,
        seed=seed,
        speed=speed,
        hidden=hidden,
        begun=now,
        ends=now + scenario.ttl,
        faults=scenario.faults,
    )
    return advanced(run.noted(now, "begun", f"{scenario.title}, seed {seed}"), scenario, now)


def advanced(run: Run, scenario: Scenario, now: float) -> Run:
    """The run after all moments of its timeline that have come, and its end, if that has."""
    while run.is_on and run.moments < len(scenario.timeline):
        moment = scenario.timeline[run.moments]
        at = run.begun + moment.at / run.speed
        if at > min(now, run.ends):
            break
        run = run.model_copy(update={"moments": run.moments + 1})
        # What a fix has removed stays removed.
        change = possible(by_id(run), moment)
        if change.clear or change.patches or change.add:
            faults = tuple(changed(by_id(run), change).values())
            run = run.noted(at, "changed", "the faults changed", faults=faults)
        if moment.page is not None:
            text, severity = moment.page.text, moment.page.severity
            run = run.with_note(Note(at=at, what="page", text=text, severity=severity))
    if run.is_on and now >= run.ends:
        return run.noted(run.ends, "ended", "its time was up", state="ended")
    return run


def fixed(run: Run, fix: Fix, now: float) -> Run:
    """Raises Conflict when that was done before."""
    check(run)
    if fix.id in run.made:
        raise Conflict(f"{fix.id} was already applied")
    faults = tuple(changed(by_id(run), possible(by_id(run), fix)).values())
    return run.noted(now, "fixed", fix.title, faults=faults, made=(*run.made, fix.id))


def hinted(run: Run, scenario: Scenario, now: float) -> Run:
    """With one more hint given. Raises Conflict when there is none left."""
    check(run)
    if run.hints >= len(scenario.hints):
        raise Conflict(f"{run.scenario} has {len(scenario.hints)} hints, and all were given")
    return run.noted(now, "hint", scenario.hints[run.hints], hints=run.hints + 1)


def revealed(run: Run, scenario: Scenario, now: float) -> Run:
    if run.revealed:
        return run
    names = ", ".join(fault.title or fault.id for fault in scenario.causes())
    return run.noted(now, "revealed", names, revealed=True)


def stopped(run: Run, now: float, why: str = "stopped by a caller") -> Run:
    return run.noted(now, "stopped", why, state="stopped") if run.is_on else run


def check(run: Run) -> None:
    if not run.is_on:
        raise Conflict(f"run {run.id} of {run.scenario} is over ({run.state})")


def by_id(run: Run) -> dict[str, Fault]:
    return {fault.id: fault for fault in run.faults}


SOURCE, REST = "scenario:", "scenario-rest"
LONGEST = 41  # of an id, before its tag


def entries_of(run: Run) -> list[Entry]:
    """Its faults, while it is on, and one that replaces all others for its session: each scenario
    shows one thing.
    """
    if not run.is_on:
        return []
    rest = Fault(
        id=REST,
        title="all faults that are not of this scenario rest",
        where=Where(match=Match(session=run.session or None)),
        rate=0,
        effect=Latency(ms=0),
    )
    ids = {fault.id for fault in run.faults}
    return [
        Entry(
            staged(fault, run, ids),
            source=source_of(run),
            scope="session" if run.session else "class",
            owner=run.session,
            reason=f"scenario {run.scenario}",
            since=run.begun,
            ends=run.ends,
        )
        for fault in (*run.faults, rest)
    ]


def staged(fault: Fault, run: Run, ids: set[str]) -> Fault:
    """The fault for the session of the run, replacing all faults that are not of the run."""
    match = fault.where.match
    if run.session:
        match = match.model_copy(update={"session": run.session})
    instead = fault.instead_of or ALL
    return fault.model_copy(
        update={
            "id": staged_id(fault.id, run),
            "where": fault.where.model_copy(update={"match": match}),
            "hidden": run.is_secret or fault.id == REST,
            "instead_of": staged_id(instead, run) if instead in ids else instead,
        }
    )


def staged_id(id_: str, run: Run) -> str:
    """The fault's id with a tag of the run. Draws depend on the id, so the same seed fails
    the same clicks, and another seed others; no two runs at a time have the same ids.
    """
    key = "\0".join((run.scenario, run.session, str(run.seed)))
    tag = blake2b(key.encode(), digest_size=3).hexdigest()
    return f"{id_[:LONGEST]}-{tag}"


def is_rest(entry: Entry) -> bool:
    """Whether it is the one that replaces all others: it does not give the cause away."""
    return entry.source.startswith(SOURCE) and entry.id.rpartition("-")[0] == REST


def source_of(run: Run) -> str:
    return f"{SOURCE}{run.id}"
