"""A report of an experiment: one file of HTML that needs no other, and the same as Markdown."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from chaos.experiments.evidence import Evidence, faults_of
from chaos.experiments.rows import Shown, activities, beside, faults, hypothesis, shown
from chaos.experiments.strip import strip
from chaos.experiments.verdict import Journal, verdict
from traces.layout.palette import STYLESHEET
from traces.model import Trace

HERE = Path(__file__).parent / "pages"
SPECIAL = str.maketrans({char: f"\\{char}" for char in "\\`*_{}[]()#+!|~"} | {"\n": " "})


def write(file: Path, journal: Journal, evidence: Evidence, facts: Mapping[str, str]) -> list[Path]:
    """Writes FILE.html and FILE.md; `facts` are versions, seed and the command. Raises OSError."""
    told = contents(journal, evidence, facts)
    written = []
    for ending, autoescape in ((".html", True), (".md", False)):
        target = file.with_suffix(ending)
        text = pages(autoescape).get_template(f"report{ending}").render(told)
        target.write_text(text, encoding="utf-8")
        written.append(target)
    return written


def contents(journal: Journal, evidence: Evidence, facts: Mapping[str, str]) -> dict[str, Any]:
    """All that both forms of the report say."""
    own = faults_of(journal)
    return {
        "title": journal["experiment"]["title"],
        "description": paragraphs(journal["experiment"].get("description", "")),
        "verdict": verdict(journal),
        "hypothesis": journal["experiment"]["steady-state-hypothesis"]["title"],
        "probes": hypothesis(journal),
        "method": activities(journal["run"]),
        "rollbacks": activities(journal["rollbacks"]),
        "strip": strip(journal),
        "faults": faults(journal, own),
        "beside": beside(journal, own),
        "failed": traces(evidence.failed, evidence),
        "slowest": traces(evidence.slowest, evidence),
        "facts": facts,
        "journal": json.dumps(journal, indent=1, ensure_ascii=False),
    }


def paragraphs(text: str) -> list[str]:
    """As they were meant, however the lines were broken in the file."""
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def traces(stories: Mapping[str, Trace], evidence: Evidence) -> list[Shown]:
    return [
        shown(id_, trace, evidence.link, evidence.like.get(id_, 1))
        for id_, trace in stories.items()
    ]


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
