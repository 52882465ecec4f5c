"""Scenarios and their runs as JSON, and the report of a run as JSON, Markdown and HTML."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any

from chaos.control_plane.domain.hits import RecordedHit
from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.domain.scenario.model import Scenario
from chaos.control_plane.domain.scenario.run import Run, staged_id
from chaos.engine.model import Fault

Json = dict[str, Any]
SECRET = frozenset({"fixed", "changed"})


def card(scenario: Scenario, caller: Caller, runs: Sequence[Json]) -> Json:
    """A scenario with its runs. The titles of its fixes give the cause away, so a student gets
    those of a hidden one, or of one with a secret run, with the reveal only.
    """
    secret = any(run["hidden"] and not run["revealed"] for run in runs)
    open_ = caller.sees(scenario.reveal == "hidden" or secret)
    return {
        "id": scenario.id,
        "title": scenario.title,
        "level": scenario.level,
        "minutes": scenario.minutes,
        "scope": scenario.scope,
        "reveal": scenario.reveal,
        "seed": scenario.seed,
        "brief": scenario.brief.strip(),
        "load": scenario.load.model_dump(mode="json"),
        "questions": [question.ask for question in scenario.questions],
        "hints": len(scenario.hints),
        "fixes": [{"id": fix.id, "title": fix.title} for fix in scenario.fixes] if open_ else [],
        "runs": list(runs),
    }


def whole(scenario: Scenario, debrief: str) -> Json:
    """The rest of it, for presenters."""
    content = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return {"debrief": debrief, "scenario": content}


def run_json(run: Run, scenario: Scenario, caller: Caller, now: float, applied: str) -> Json:
    """A run as the caller may know it: `faults` are those it has now, `causes` all that it ever had
    but for its fixes; `applied` says how many processes have them.
    """
    shown = caller.sees(run.is_secret)
    return state(run, scenario, now) | {
        "applied": applied,
        "pages": pages(run),
        "hints": list(scenario.hints[: run.hints]),
        "hints_left": len(scenario.hints) - run.hints,
        "fixes": fixes(run, scenario) if shown else [],
        "made": list(run.made) if shown else [],
        "faults": described(run.faults) if shown else [],
        "causes": described(scenario.causes()) if shown else [],
        "questions": questions(scenario, answers=caller.sees(not run.is_open)),
        "notes": notes(run, shown=shown),
    }


def described(faults: Iterable[Fault]) -> list[Json]:
    return [fault.model_dump(mode="json") for fault in faults]


def state(run: Run, scenario: Scenario, now: float) -> Json:
    """What everybody may know of it."""
    return {
        "id": run.id,
        "scenario": run.scenario,
        "title": scenario.title,
        "scope": "session" if run.session else "class",
        "session": run.session,
        "seed": run.seed,
        "speed": run.speed,
        "state": run.state,
        "hidden": run.hidden,
        "revealed": run.revealed,
        "begun": run.begun,
        "ends": run.ends,
        "ends_in": max(0.0, run.ends - now) if run.is_on else 0.0,
    }


def pages(run: Run) -> list[Json]:
    return [
        {"at": round(note.at - run.begun, 3), "severity": note.severity, "text": note.text}
        for note in run.notes
        if note.what == "page"
    ]


def fixes(run: Run, scenario: Scenario) -> list[Json]:
    return [
        {"id": fix.id, "title": fix.title, "made": fix.id in run.made} for fix in scenario.fixes
    ]


def questions(scenario: Scenario, *, answers: bool) -> list[Json]:
    return [
        {"ask": question.ask, "answer": question.answer if answers else None}
        for question in scenario.questions
    ]


def notes(run: Run, *, shown: bool) -> list[Json]:
    """What happened so far, in seconds since the start; a fix gives the cause away."""
    return [
        {
            "at": round(note.at - run.begun, 3),
            "what": note.what,
            "text": note.text if shown or note.what not in SECRET else "",
        }
        for note in run.notes
    ]


MOST_VICTIMS = 20
CODE, BOLD = re.compile(r"`([^`]+)`"), re.compile(r"\*\*([^*]+)\*\*")
HEAD = (
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark">'
)


def report(
    run: Run, scenario: Scenario, debrief: str, hits: Iterable[RecordedHit], now: float
) -> Json:
    """The report as JSON; the other formats are made from it."""
    last = run.notes[-1].at if run.notes and not run.is_on else now
    during = [noted for noted in hits if run.begun <= noted.hit.at <= last]
    fired = [noted for noted in during if noted.hit.fired]
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
        "faults": faults(run, scenario, during),
        "victims": victims(fired),
        "questions": [question.model_dump() for question in scenario.questions],
        "debrief": debrief,
        "again": again(run, scenario),
    }


def again(run: Run, scenario: Scenario) -> str:
    """The command that repeats the run."""
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
    """The seconds until the first fix."""
    return next((round(n.at - run.begun, 1) for n in run.notes if n.what == "fixed"), None)


def faults(run: Run, scenario: Scenario, hits: Sequence[RecordedHit]) -> list[Json]:
    """The injected faults, and how often each matched and fired."""
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


def victims(fired: Sequence[RecordedHit]) -> list[Json]:
    """The first requests in which a fault fired, each once, with their traces."""
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
    yield f"{found['hints']} hints given, first fix {fix}."
    yield from ("", "## What happened", "")
    for note in found["notes"]:
        yield f"- {note['at']:g} s: {note['what']}: {note['text']}"
    yield from ("", "## Injected faults", "")
    yield from lines_of_faults(found)
    yield from ("", "## Questions", "")
    for question in found["questions"]:
        yield from (f"**{question['ask']}**", "", question["answer"], "")
    yield from (found["debrief"].strip(), "", f"Repeat it: `{found['again']}`")


def lines_of_faults(found: Json) -> Iterator[str]:
    for fault in found["faults"]:
        name = f"{fault['title'] or fault['id']} ({fault['type']})"
        yield f"- {name}: fired in {fault['fired']} of {fault['matched']} matches"
    yield ""
    for victim in found["victims"]:
        place, trace = f"{victim['service']}, {victim['place']}", victim["trace_id"]
        yield f"- {owner(victim)}: {place}, trace `{trace}`"


def owner(victim: Json) -> str:
    if not victim["session"]:
        return "no session"
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
