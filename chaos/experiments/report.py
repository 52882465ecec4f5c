"""The report of an experiment: one self-contained HTML file, and the same as Markdown."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from chaos import describe
from chaos.experiments.controls import FAULTS
from chaos.experiments.evidence import Evidence
from chaos.experiments.journal import Journal, faults_of, in_words, number, reason, verdict
from chaos.experiments.timeline import timeline
from traces.findings import Finding, findings
from traces.layout.hops import Hops, hops
from traces.layout.palette import STYLESHEET
from traces.model import Trace
from traces.verdict import Verdict
from traces.verdict import verdict as verdict_of_trace

HERE = Path(__file__).parent / "pages"
Run = Mapping[str, Any]
SPECIAL = str.maketrans({char: f"\\{char}" for char in "\\`*_{}[]()#+!|~"} | {"\n": " "})


@dataclass(frozen=True)
class Cell:
    """What a probe measured; `met` is None where it was not run."""

    text: str = "not run"
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
class FaultRow:
    """A fault, and how often it matched and fired until the hypothesis was checked again."""

    id: str
    title: str
    where: str
    what: str
    share: str
    matched: str
    fired: str


@dataclass(frozen=True)
class ShownTrace:
    """A trace and its waterfall; `like` counts those that failed in the same way, with this one."""

    id: str
    link: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    hops: Hops
    like: int


def write(file: Path, journal: Journal, evidence: Evidence, facts: Mapping[str, str]) -> list[Path]:
    """Writes FILE.html and FILE.md; `facts` are versions, seeds and the command. Raises OSError."""
    content = contents(journal, evidence, facts)
    written = []
    for ending, autoescape in ((".html", True), (".md", False)):
        target = file.with_suffix(ending)
        text = pages(autoescape).get_template(f"report{ending}").render(content)
        target.write_text(text, encoding="utf-8")
        written.append(target)
    return written


def contents(journal: Journal, evidence: Evidence, facts: Mapping[str, str]) -> dict[str, Any]:
    """What both forms of the report contain."""
    own = faults_of(journal)
    return {
        "title": journal["experiment"]["title"],
        "description": paragraphs(journal["experiment"].get("description", "")),
        "verdict": verdict(journal),
        "hypothesis": journal["experiment"]["steady-state-hypothesis"]["title"],
        "probes": hypothesis(journal),
        "method": activities(journal["run"]),
        "rollbacks": activities(journal["rollbacks"]),
        "timeline": timeline(journal),
        "faults": faults(journal, own),
        "others": other_faults(journal, own),
        "failed": traces(evidence.failed, evidence),
        "slowest": traces(evidence.slowest, evidence),
        "facts": facts,
        "journal": json.dumps(journal, indent=1, ensure_ascii=False),
    }


def paragraphs(text: str) -> list[str]:
    """As they were meant, however the lines were broken in the file."""
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def traces(found: Mapping[str, Trace], evidence: Evidence) -> list[ShownTrace]:
    return [
        shown_trace(id_, trace, evidence.link, evidence.like.get(id_, 1))
        for id_, trace in found.items()
    ]


def hypothesis(journal: Journal) -> list[Probe]:
    probes = journal["experiment"]["steady-state-hypothesis"]["probes"]
    phases = [journal["steady_states"][phase] or {} for phase in ("before", "after")]
    runs = [{run["activity"]["name"]: run for run in phase.get("probes", ())} for phase in phases]
    return [
        Probe(
            probe["name"],
            in_words(probe["tolerance"]),
            *(cell(of.get(probe["name"])) for of in runs),
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


def faults(journal: Journal, own: list[str]) -> list[FaultRow]:
    """The faults that the experiment applied."""
    return [fault_row(row) for row in noted(journal) if row["fault"]["id"] in own]


def other_faults(journal: Journal, own: list[str]) -> list[FaultRow]:
    """Others that fired meanwhile, and blur the result."""
    first = {row["id"]: row["fired"] for row in noted(journal, "before", "after")}
    others = (row for row in noted(journal) if row["id"] not in own and row["state"] == "active")
    return [
        fault_row({**row, "fired": since})
        for row in others
        if (since := row["fired"] - first.get(row["id"], 0)) > 0
    ]


def noted(journal: Journal, *phases: str) -> list[Mapping[str, Any]]:
    """The faults there were when the hypothesis was checked for the last time."""
    states = (journal["steady_states"][phase] or {} for phase in phases or ("after", "before"))
    return next((state[FAULTS] for state in states if FAULTS in state), [])


def fault_row(row: Mapping[str, Any]) -> FaultRow:
    fault = row["fault"]
    counted = (str(row.get(name, "?")) for name in ("matched", "fired"))
    title = fault.get("title") or ""
    return FaultRow(
        fault["id"],
        title,
        describe.place(fault),
        describe.effect(fault),
        describe.rate(fault),
        *counted,
    )


def shown_trace(trace_id: str, trace: Trace, link: str, like: int) -> ShownTrace:
    address = link.replace("{trace_id}", trace_id)
    drawn = findings(trace), hops(trace)
    return ShownTrace(trace_id, address, verdict_of_trace(trace), *drawn, like)


def pages(autoescape: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=autoescape,  # noqa: S701  # Markdown has an escape of its own: `md`
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["md"] = markdown
    environment.filters["fenced"] = fenced
    styles = (file.read_text(encoding="utf-8") for file in (STYLESHEET, HERE / "report.css"))
    environment.globals["style"] = Markup("\n".join(styles))  # noqa: S704  # ours
    return environment


def markdown(text: object) -> str:
    """The text so that Markdown shows it as it is, in one line of a table, too."""
    plain = str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return plain.translate(SPECIAL)


def fenced(text: str) -> str:
    """As a block of code that nothing in it can end."""
    longest = max((len(run) for run in text.split("\n") if set(run.strip()) == {"`"}), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}json\n{text}\n{fence}"
