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
        fill(" ".join(told["brief"].split()), WIDTH),
        "",
        *(f"? {question}" for question in told["questions"]),
        "",
        f"{told['hints']} hints. `acme scenario run {told['id']}` begins it.",
    ]
    return "\n".join(lines)


def run_line(run: Json) -> str:
    whom = f"session {run['session']}" if run["session"] else "everybody"
    left = f", {run['ends_in'] / 60:.0f} min left" if run["state"] == "running" else ""
    return f"{run['id']}: {run['scenario']} for {whom}, seed {run['seed']}, {run['state']}{left}"


def run_text(run: Json) -> str:
    """A run that has just begun, and what can be done with it."""
    id_ = run["id"]
    return "\n".join(
        (
            run_line(run),
            f"acme scenario hint {id_} | fix {id_} | reveal {id_} | report {id_} | stop {id_}",
        )
    )
