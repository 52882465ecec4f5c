"""The rows of a report's tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from acme.faults.words import place, share, what
from chaos.experiments.verdict import Journal, number, reason, words
from chaos.experiments.watcher import FAULTS
from traces.findings import Finding, findings
from traces.layout.hops import Hops, hops
from traces.model import Trace
from traces.verdict import Verdict, verdict

Run = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """What a probe found; `met` is None where it was not asked."""

    text: str = "not asked"
    met: bool | None = None


@dataclass(frozen=True)
class Probe:
    name: str
    wanted: str
    before: Cell
    after: Cell


@dataclass(frozen=True)
class Activity:
    name: str
    kind: str
    well: bool
    output: str
    took: str


@dataclass(frozen=True)
class Struck:
    """A fault, and how often it matched and fired until the hypothesis was asked again."""

    id: str
    title: str
    where: str
    what: str
    share: str
    matched: str
    fired: str


@dataclass(frozen=True)
class Shown:
    """A trace with its drawing; `like` are as many as failed in the same way, this one included."""

    id: str
    link: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    fall: Hops
    like: int


def hypothesis(journal: Journal) -> list[Probe]:
    probes = journal["experiment"]["steady-state-hypothesis"]["probes"]
    phases = [journal["steady_states"][phase] or {} for phase in ("before", "after")]
    asked = [{run["activity"]["name"]: run for run in phase.get("probes", ())} for phase in phases]
    return [
        Probe(
            probe["name"], words(probe["tolerance"]), *(cell(of.get(probe["name"])) for of in asked)
        )
        for probe in probes
    ]


def cell(run: Run | None) -> Cell:
    if run is None:
        return Cell()
    text = number(run["output"]) if run["status"] == "succeeded" else reason(run)
    return Cell(text, bool(run.get("tolerance_met")))


def activities(runs: Iterable[Run]) -> list[Activity]:
    return [
        Activity(
            run["activity"]["name"],
            run["activity"]["type"],
            run["status"] == "succeeded",
            number(run["output"]) if run["status"] == "succeeded" else reason(run),
            f"{run.get('duration', 0):.1f} s",
        )
        for run in runs
    ]


def faults(journal: Journal, own: list[str]) -> list[Struck]:
    """Those that the experiment put in place."""
    return [struck(row) for row in noted(journal) if row["fault"]["id"] in own]


def beside(journal: Journal, own: list[str]) -> list[Struck]:
    """Others that struck meanwhile, and spoil what it shows."""
    first = {row["id"]: row["fired"] for row in noted(journal, "before", "after")}
    others = (row for row in noted(journal) if row["id"] not in own and row["state"] == "active")
    return [
        struck({**row, "fired": since})
        for row in others
        if (since := row["fired"] - first.get(row["id"], 0)) > 0
    ]


def noted(journal: Journal, *phases: str) -> list[Mapping[str, Any]]:
    """The faults there were when the hypothesis was asked for the last time."""
    states = (journal["steady_states"][phase] or {} for phase in phases or ("after", "before"))
    return next((state[FAULTS] for state in states if FAULTS in state), [])


def struck(row: Mapping[str, Any]) -> Struck:
    fault = row["fault"]
    counted = (str(row.get(name, "?")) for name in ("matched", "fired"))
    title = fault.get("title") or ""
    return Struck(fault["id"], title, place(fault), what(fault), share(fault), *counted)


def shown(trace_id: str, trace: Trace, link: str, like: int) -> Shown:
    address = link.replace("{trace_id}", trace_id)
    return Shown(trace_id, address, verdict(trace), findings(trace), hops(trace), like)
