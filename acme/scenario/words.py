"""Scenarios and their runs, as a terminal shows them."""

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
        f"{one['title']}{' - runs' if one['runs'] else ''}"
        for one in cards
    )


def card(told: Json) -> str:
    """What a student reads, and not a word more."""
    lines = [
        f"{told['title']} ({told['level']}, {told['minutes']} minutes, for the {told['scope']})",
        "",
        brief(told),
        "",
        f"{told['hints']} hints. `.venv/bin/acme scenario run {told['id']}` begins it.",
    ]
    return "\n".join(lines)


def brief(told: Json) -> str:
    """What is wrong, and what is to be found out."""
    questions = (f"? {question}" for question in told["questions"])
    return "\n".join((fill(" ".join(told["brief"].split()), WIDTH), "", *questions))


def run_line(run: Json) -> str:
    whom = f"session {run['session']}" if run["session"] else "everybody"
    left = f", {run['ends_in'] / 60:.0f} min left" if run["state"] == "running" else ""
    return f"{run['id']}: {run['scenario']} for {whom}, seed {run['seed']}, {run['state']}{left}"


def run_text(run: Json, told: Json) -> str:
    """A run that has just begun, what its scenario is about, and what can be done with it."""
    whose = f" --session {run['session']}" if run["session"] else ""
    orders = f"`.venv/bin/acme scenario hint {run['id']}{whose}`"
    orders += "; and so fix, reveal, report and stop."
    return f"{run_line(run)}\n\n{brief(told)}\n\n{orders}"


def revealed_text(run: Json) -> str:
    """What was broken, and the answers."""
    faults = (f"  {fault['id']}: {fault['title']}" for fault in run["faults"])
    answers = (f"\n? {one['ask']}\n{fill(one['answer'], WIDTH)}" for one in run["questions"])
    return "\n".join((run_line(run), *faults, *answers))
