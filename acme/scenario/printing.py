"""Scenarios and their runs as text for a terminal."""

from collections.abc import Sequence
from textwrap import fill
from typing import Any

Json = dict[str, Any]
WIDTH = 100


def table(cards: Sequence[Json]) -> str:
    """One line for each scenario, and which of them run."""
    if not cards:
        return "There are no scenarios: ACME_SCENARIOS names the folder that they are in."
    widest = max(len(one["id"]) for one in cards)
    return "\n".join(
        f"{one['id']:{widest}}  {one['level']:12}  {one['minutes']:3} min  {one['scope']:7}  "
        f"{one['title']}{' - running' if one['runs'] else ''}"
        for one in cards
    )


def card(scenario: Json) -> str:
    """What a student may know."""
    facts = f"{scenario['level']}, {scenario['minutes']} minutes, for the {scenario['scope']}"
    lines = [
        f"{scenario['title']} ({facts})",
        "",
        brief(scenario),
        "",
        f"{scenario['hints']} hints. `.venv/bin/acme scenario run {scenario['id']}` starts it.",
    ]
    return "\n".join(lines)


def brief(scenario: Json) -> str:
    """What seems to be wrong, and the questions."""
    questions = (f"? {question}" for question in scenario["questions"])
    return "\n".join((fill(" ".join(scenario["brief"].split()), WIDTH), "", *questions))


def run_line(run: Json) -> str:
    whom = f"session {run['session']}" if run["session"] else "everybody"
    left = f", {run['ends_in'] / 60:.0f} min left" if run["state"] == "running" else ""
    return f"{run['id']}: {run['scenario']} for {whom}, seed {run['seed']}, {run['state']}{left}"


def run_text(run: Json, scenario: Json) -> str:
    """A run that has just started, what its scenario is about, and the commands for it."""
    session = f" --session {run['session']}" if run["session"] else ""
    commands = f"`.venv/bin/acme scenario hint {run['id']}{session}`"
    commands += "; and so fix, reveal, report and stop."
    return f"{run_line(run)}\n\n{brief(scenario)}\n\n{commands}"


def revealed_text(run: Json) -> str:
    """What was broken, and the answers."""
    faults = (f"  {fault['id']}: {fault['title']}" for fault in run["faults"])
    answers = (f"\n? {one['ask']}\n{fill(one['answer'], WIDTH)}" for one in run["questions"])
    return "\n".join((run_line(run), *faults, *answers))
