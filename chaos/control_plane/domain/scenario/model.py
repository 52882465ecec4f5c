"""What a scenario is: a lesson with faults, as it is written in YAML."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import Field, ValidationError, model_validator

from chaos.control_plane.domain.reading import merged
from chaos.control_plane.domain.scope import may_be_private
from chaos.engine.model import Fault
from chaos.engine.reader import first_wrongs, sentence
from chaos.engine.values import Lasting, Name, Part, Seconds

Patch = dict[str, Any]


class Change(Part):
    """Faults that go, faults that are otherwise from now on (by a merge patch of RFC 7396), and
    faults that come.
    """

    clear: tuple[str, ...] = ()
    patches: Annotated[dict[str, Patch], Field(alias="set", default_factory=dict)]
    add: tuple[Fault, ...] = ()


def changed(faults: Mapping[str, Fault], change: Change) -> dict[str, Fault]:
    """The faults after the change. Raises ValueError when it names one that is not there, or makes
    one that cannot be.
    """
    for id_ in (*change.clear, *change.patches):
        if id_ not in faults:
            key = "clear" if id_ in change.clear else "set"
            raise ValueError(f"{key}: there is no fault {id_} at that point")
    kept = {id_: fault for id_, fault in faults.items() if id_ not in change.clear}
    for id_, patch in change.patches.items():
        if id_ in kept:
            kept[id_] = patched(kept[id_], patch)
    return kept | {fault.id: fault for fault in change.add}


def patched(fault: Fault, patch: Patch) -> Fault:
    """The fault with the patch merged into it. Raises ValueError."""
    content = fault.model_dump(mode="json", exclude_unset=True)
    try:
        return Fault.model_validate(merged(content, patch))
    except ValidationError as error:
        found = "; ".join(map(sentence, first_wrongs(error)))
        raise ValueError(f"set.{fault.id}.{found}") from None


def possible(faults: Mapping[str, Fault], change: Change) -> Change:
    """The part of the change that is about existing faults."""
    patches = {id_: patch for id_, patch in change.patches.items() if id_ in faults}
    clear = tuple(id_ for id_ in change.clear if id_ in faults)
    return Change.model_validate({"clear": clear, "set": patches, "add": change.add})


Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,31}$")]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
JourneyName = Literal["buy", "checkout", "history", "home", "product", "shelf", "status"]
MeasureName = Literal[
    "calls",
    "calls_per_trace",
    "duplicate_charges",
    "edge_share",
    "failed_share",
    "faults_fired",
    "latency_ms",
    "most_concurrent",
    "outcomes",
    "outlived",
    "root_cause_share",
    "roots_of",
    "slowdown",
    "text_share",
    "whole_share",
]
Level = Literal["starter", "intermediate", "expert"]
Severity = Literal["info", "warn", "alarm"]
LEVELS: Final = get_args(Level)


class Load(Part):
    """The clicks that show the symptom: `clicks` times the journey, `concurrency` at a time, in
    one session for each of the `tenants`.
    """

    journey: JourneyName
    clicks: Annotated[int, Field(ge=1, le=200)] = 10
    concurrency: Annotated[int, Field(ge=1, le=50)] = 1
    tenants: Annotated[tuple[Name, ...], Field(max_length=4)] = ()


class Page(Part):
    """An alert while it runs, as from a pager."""

    severity: Severity = "info"
    text: Text


class Moment(Change):
    """A change `at` so many seconds after the start."""

    at: Seconds
    page: Page | None = None


class Fix(Change):
    """A fix that one can apply, with a button or a command."""

    id: Id
    title: Text


class Question(Part):
    """Something to find out, and the answer."""

    ask: Text
    answer: Text


class Expect(Part):
    """What a measure of the clicks must be: before any fix, or `after` one, when all fixes above it
    are made as well.
    """

    measure: MeasureName
    arguments: Annotated[dict[str, Any], Field(alias="with", default_factory=dict)]
    op: Literal["<", "<=", "==", ">=", ">"]
    value: float
    after: Id | None = None

    def holds(self, measured: float) -> bool:
        match self.op:
            case "<":
                return measured < self.value
            case "<=":
                return measured <= self.value
            case ">":
                return measured > self.value
            case ">=":
                return measured >= self.value
            case _:
                return abs(measured - self.value) < 1e-9


class Scenario(Part):
    """A lesson: its `faults` are there from the start, the `timeline` changes them, a fix ends the
    failure. `brief` never names the cause; in a hidden one neither do spans.

    One of the scope `session` affects one browser's clicks, one of the scope `class` everybody.
    """

    id: Id
    title: Text
    level: Level
    minutes: Annotated[int, Field(ge=1, le=120)]
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 42
    reveal: Literal["visible", "hidden"] = "visible"
    scope: Literal["session", "class"] = "session"
    ttl: Lasting = 15 * 60.0
    load: Load
    brief: Text
    faults: Annotated[tuple[Fault, ...], Field(min_length=1, max_length=20)]
    timeline: Annotated[tuple[Moment, ...], Field(max_length=50)] = ()
    fixes: Annotated[tuple[Fix, ...], Field(min_length=1, max_length=10)]
    questions: Annotated[tuple[Question, ...], Field(max_length=10)] = ()
    hints: Annotated[tuple[Text, ...], Field(max_length=10)] = ()
    debrief: Annotated[str, Field(pattern=r"^debrief/[a-z0-9-]+\.md$")]
    expect: Annotated[tuple[Expect, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        check_unique("faults", (fault.id for fault in self.faults))
        check_unique("fixes", (fix.id for fix in self.fixes))
        if list(self.timeline) != sorted(self.timeline, key=lambda moment: moment.at):
            raise ValueError("timeline: its moments are in the order of their time")
        self._can_change("timeline", self.timeline)
        self._can_change("fixes", self.fixes)
        self._can_be_private()
        if self.scope == "session" and self.load.tenants:
            raise ValueError("load.tenants: one session has one tenant: scope: class has several")
        for n, expect in enumerate(self.expect):
            if expect.after is not None and expect.after not in {fix.id for fix in self.fixes}:
                raise ValueError(f"expect.{n}.after: there is no fix {expect.after}")
        return self

    def _can_change(self, what: str, changes: Iterable[Change]) -> None:
        """Checks that these changes can be made, one after the other."""
        faults = self.start()
        for n, change in enumerate(changes):
            try:
                faults = changed(faults, change)
            except ValueError as error:
                raise ValueError(f"{what}.{n}.{error}") from None

    def _can_be_private(self) -> None:
        """Checks that a scenario for one session affects nobody else."""
        for fault in self.every_fault() if self.scope == "session" else ():
            if not may_be_private(fault):
                raise ValueError(f"{fault.id} affects everybody: its scenario needs scope: class")

    def causes(self) -> list[Fault]:
        """The faults to be found: those that it has from the start or later, but for its fixes."""
        return [*self.faults, *(fault for moment in self.timeline for fault in moment.add)]

    def every_fault(self) -> list[Fault]:
        """All faults that it may ever have."""
        return [*self.causes(), *(fault for fix in self.fixes for fault in fix.add)]

    def every_id(self) -> list[str]:
        return list(dict.fromkeys(fault.id for fault in self.every_fault()))

    @property
    def rank(self) -> tuple[int, str]:
        """The easiest come first."""
        return LEVELS.index(self.level), self.id

    def start(self) -> dict[str, Fault]:
        """Its faults as they are at the start, by their ids."""
        return {fault.id: fault for fault in self.faults}

    def fix(self, id_: str) -> Fix | None:
        return next((fix for fix in self.fixes if fix.id == id_), None)


def check_unique(what: str, ids: Iterable[str]) -> None:
    seen = list(ids)
    if twice := next((id_ for id_ in seen if seen.count(id_) > 1), None):
        raise ValueError(f"{what}: the id {twice} is used twice")
