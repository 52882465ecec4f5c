"""What is told of a scenario, and of a run of it: enough to look for the cause, and no more, until
it is revealed.
"""

from collections.abc import Sequence
from typing import Any

from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.domain.run import Run
from chaos.control_plane.domain.scenario import Scenario

Json = dict[str, Any]
SECRET = frozenset({"fixed", "changed"})


def card(scenario: Scenario, caller: Caller, runs: Sequence[Json]) -> Json:
    """A scenario with its runs. The titles of its repairs say what is broken, so who looks for it
    gets those of a hidden one, or of one with a secret run, with the reveal.
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
    told = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return {"debrief": debrief, "scenario": told}


def run_told(run: Run, scenario: Scenario, caller: Caller, now: float, applied: str) -> Json:
    """A run as the caller may know it; `applied` says how many processes have its faults."""
    shown = caller.sees(run.is_secret)
    return state(run, scenario, now) | {
        "applied": applied,
        "pages": pages(run),
        "hints": list(scenario.hints[: run.hints]),
        "hints_left": len(scenario.hints) - run.hints,
        "fixes": fixes(run, scenario) if shown else [],
        "made": list(run.made) if shown else [],
        "faults": [fault.model_dump(mode="json") for fault in run.faults] if shown else [],
        "questions": questions(scenario, answers=caller.sees(not run.is_open)),
        "notes": notes(run, shown=shown),
    }


def state(run: Run, scenario: Scenario, now: float) -> Json:
    """What anybody may know of it."""
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
    """What happened so far, in seconds since the start; what was fixed gives the cause away."""
    return [
        {
            "at": round(note.at - run.begun, 3),
            "what": note.what,
            "text": note.text if shown or note.what not in SECRET else "",
        }
        for note in run.notes
    ]
