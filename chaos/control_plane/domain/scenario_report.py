"""The report of a run: what happened when, whom it struck, and what there was to learn."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any

from chaos.control_plane.domain.hits import Noted
from chaos.control_plane.domain.run import Run
from chaos.control_plane.domain.scenario import Scenario
from chaos.control_plane.domain.staging import staged_id

MOST_VICTIMS = 20
CODE, BOLD = re.compile(r"`([^`]+)`"), re.compile(r"\*\*([^*]+)\*\*")
HEAD = (
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark">'
)
Json = dict[str, Any]


def report(run: Run, scenario: Scenario, debrief: str, hits: Iterable[Noted], now: float) -> Json:
    """The report as JSON; the other formats are made from it."""
    last = run.notes[-1].at if run.notes and not run.is_on else now
    mine = [noted for noted in hits if run.begun <= noted.hit.at <= last]
    fired = [noted for noted in mine if noted.hit.fired]
    return {
        "run": run.id,
        "scenario": run.scenario,
        "title": scenario.title,
        "level": scenario.level,
        "seed": run.seed,
        "session": run.session,
        "state": run.state,
        "seconds": round(last - run.begun, 1),
        "first_fix": first_fix(run),
        "hints": run.hints,
        "brief": scenario.brief.strip(),
        "notes": [
            {"at": round(note.at - run.begun, 1), "what": note.what, "text": note.text}
            for note in run.notes
        ],
        "faults": faults(run, scenario, mine),
        "victims": victims(fired),
        "questions": [question.model_dump() for question in scenario.questions],
        "debrief": debrief,
        "again": again(run, scenario),
    }


def again(run: Run, scenario: Scenario) -> str:
    """The command that does the same once more."""
    words = f".venv/bin/acme scenario run {run.scenario} --seed {run.seed}"
    if run.session:
        words += f" --session {run.session}"
    elif scenario.scope == "session":
        words += " --class"
    if run.speed != 1:
        words += f" --speed {run.speed:g}"
    if run.hidden != (scenario.reveal == "hidden"):
        words += " --hidden" if run.hidden else " --visible"
    return words


def first_fix(run: Run) -> float | None:
    """How many seconds it took to the first repair."""
    return next((round(n.at - run.begun, 1) for n in run.notes if n.what == "fixed"), None)


def faults(run: Run, scenario: Scenario, hits: Sequence[Noted]) -> list[Json]:
    """What was broken, and how often that was met and struck."""
    matched = Counter(noted.hit.fault for noted in hits)
    fired = Counter(noted.hit.fault for noted in hits if noted.hit.fired)
    found = {fault.id: fault for fault in scenario.every_fault()}
    return [
        {
            "id": id_,
            "title": fault.title,
            "type": fault.effect.type,
            "matched": matched[staged_id(id_, run)],
            "fired": fired[staged_id(id_, run)],
        }
        for id_, fault in found.items()
    ]


def victims(fired: Sequence[Noted]) -> list[Json]:
    """The first requests that were struck, each once, with their traces."""
    once = {(n.hit.session, n.hit.step, n.hit.trace_id): n for n in reversed(fired)}
    first = sorted(once.values(), key=lambda noted: noted.hit.at)[:MOST_VICTIMS]
    return [
        {
            "session": noted.hit.session,
            "step": noted.hit.step,
            "service": noted.service,
            "place": noted.hit.place,
            "trace_id": noted.hit.trace_id,
        }
        for noted in first
    ]


def as_markdown(found: Json) -> str:
    return "\n".join(lines(found)) + "\n"


def lines(found: Json) -> Iterator[str]:
    yield from (f"# {found['title']}", "", f"> {found['brief']}", "")
    fix = "never" if found["first_fix"] is None else f"after {found['first_fix']:g} s"
    yield f"{found['level']}, seed {found['seed']}, {found['seconds']:g} s, {found['state']}; "
    yield f"{found['hints']} hints given, first repair {fix}."
    yield from ("", "## What happened", "")
    for note in found["notes"]:
        yield f"- {note['at']:g} s: {note['what']}: {note['text']}"
    yield from ("", "## What was broken", "")
    yield from lines_of_faults(found)
    yield from ("", "## Questions", "")
    for question in found["questions"]:
        yield from (f"**{question['ask']}**", "", question["answer"], "")
    yield from (found["debrief"].strip(), "", f"Once more: `{found['again']}`")


def lines_of_faults(found: Json) -> Iterator[str]:
    for fault in found["faults"]:
        told = f"{fault['title'] or fault['id']} ({fault['type']})"
        yield f"- {told}: struck {fault['fired']} of {fault['matched']} times"
    yield ""
    for victim in found["victims"]:
        place, trace = f"{victim['service']}, {victim['place']}", victim["trace_id"]
        yield f"- {whom(victim)}: {place}, trace `{trace}`"


def whom(victim: Json) -> str:
    if not victim["session"]:
        return "somebody"
    return f"session {victim['session']}, step {victim['step']}"


def as_html(found: Json, style: str) -> str:
    """The same as a page that needs nothing else, in this style."""
    body = "\n".join(paragraphs(as_markdown(found)))
    head = f"{HEAD}<title>{escape(found['title'])} · AcmeShop</title><style>{style}</style>"
    main = f'<body class="report"><main>{body}</main></body>'
    return f'<!doctype html><html lang="en"><head>{head}</head>{main}</html>\n'


def paragraphs(markdown: str) -> Iterator[str]:
    """As much of Markdown as reports and debriefs have: headings, lists, quotes, paragraphs."""
    for block in re.split(r"\n\s*\n", markdown.strip()):
        first = block.split("\n", 1)[0]
        if found := re.match(r"(#+) (.*)", first):
            level = min(len(found[1]), 6)
            yield f"<h{level}>{inline(found[2])}</h{level}>"
            if "\n" in block:
                yield from paragraphs(block.split("\n", 1)[1])
        elif first.startswith("- "):
            items = re.split(r"\n- ", block[2:])
            yield f"<ul>{''.join(f'<li>{inline(item)}</li>' for item in items)}</ul>"
        elif first.startswith("> "):
            yield f"<blockquote>{inline(block[2:])}</blockquote>"
        elif block:
            yield f"<p>{inline(block)}</p>"


def inline(text: str) -> str:
    """Everything escaped, then the two marks that there are."""
    return BOLD.sub(r"<strong>\1</strong>", CODE.sub(r"<code>\1</code>", escape(text)))
