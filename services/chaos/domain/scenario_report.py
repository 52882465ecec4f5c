"""The report of a run: what happened when, whom it struck, and what there was to learn."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any

from services.chaos.domain.hits import Noted
from services.chaos.domain.run import Run
from services.chaos.domain.scenario import Scenario
from services.chaos.domain.staging import staged_id

MOST_VICTIMS = 20
CODE, BOLD = re.compile(r"`([^`]+)`"), re.compile(r"\*\*([^*]+)\*\*")
Json = dict[str, Any]


def report(run: Run, scenario: Scenario, debrief: str, hits: Iterable[Noted], now: float) -> Json:
    """The report as JSON; the other formats are made from it."""
    mine = [noted for noted in hits if noted.hit.at >= run.begun]
    fired = [noted for noted in mine if noted.hit.fired]
    last = run.notes[-1].at if run.notes and not run.is_on else now
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
        "again": f"acme scenario run {run.scenario} --seed {run.seed}",
    }


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
    yield f"# {found['title']}"
    yield ""
    yield f"> {found['brief']}"
    yield ""
    fix = "never" if found["first_fix"] is None else f"after {found['first_fix']:g} s"
    yield f"{found['level']}, seed {found['seed']}, {found['seconds']:g} s, {found['state']}; "
    yield f"{found['hints']} hints given, first repair {fix}."
    yield ""
    yield "## What happened"
    yield ""
    for note in found["notes"]:
        yield f"- {note['at']:g} s: {note['what']}: {note['text']}"
    yield ""
    yield "## What was broken"
    yield ""
    for fault in found["faults"]:
        told = f"{fault['title'] or fault['id']} ({fault['type']})"
        yield f"- {told}: struck {fault['fired']} of {fault['matched']} times"
    yield ""
    for victim in found["victims"]:
        place, trace = f"{victim['service']}, {victim['place']}", victim["trace_id"]
        yield f"- {whom(victim)}: {place}, trace `{trace}`"
    yield ""
    yield "## Questions"
    yield ""
    for question in found["questions"]:
        yield f"**{question['ask']}**"
        yield ""
        yield question["answer"]
        yield ""
    yield found["debrief"].strip()
    yield ""
    yield f"Once more: `{found['again']}`"


def whom(victim: Json) -> str:
    if not victim["session"]:
        return "somebody"
    return f"session {victim['session']}, step {victim['step']}"


def as_html(found: Json) -> str:
    """The same as a page that needs nothing else."""
    body = "\n".join(paragraphs(as_markdown(found)))
    head = f"<meta charset=utf-8><title>{escape(found['title'])}</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>\n"


STYLE = "body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"


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
