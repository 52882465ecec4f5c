"""Scenarios for tests: small ones, with all that a scenario can have."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from chaos.control_plane.domain.scenario.model import Scenario
from chaos.control_plane.flows.runs import Library

LESSON: dict[str, Any] = {
    "id": "lesson",
    "title": "A lesson",
    "level": "starter",
    "minutes": 5,
    "ttl": "10m",
    "load": {"journey": "status"},
    "brief": "Something is wrong.",
    "faults": [
        {
            "id": "away",
            "title": "the culprit",
            "where": {"side": "client", "peer": "carrier"},
            "rate": 0.3,
            "effect": {"type": "error"},
        }
    ],
    "timeline": [
        {"at": "30s", "set": {"away": {"rate": 0.6}}},
        {"at": "60s", "page": {"severity": "warn", "text": "It is getting worse."}},
    ],
    "fixes": [
        {
            "id": "fallback",
            "title": "Have shipping fall back",
            "add": [
                {
                    "id": "falls-back",
                    "where": {"side": "point", "service": "shipping"},
                    "effect": {"type": "behavior", "name": "fallback"},
                }
            ],
        },
        {"id": "repair", "title": "Repair the carrier", "clear": ["away"]},
    ],
    "questions": [{"ask": "Who is it?", "answer": "The carrier."}],
    "hints": ["Look closely.", "Look more closely."],
    "debrief": "debrief/lesson.md",
}
SECRET = {**LESSON, "id": "secret", "reveal": "hidden", "debrief": "debrief/secret.md"}
EVERYBODYS = {
    **LESSON,
    "id": "everybodys",
    "scope": "class",
    "faults": [
        {
            "id": "queue",
            "where": {"side": "store", "service": "orders"},
            "effect": {"type": "pool", "size": 1},
        }
    ],
    "timeline": [],
    "fixes": [{"id": "more", "title": "More connections", "clear": ["queue"]}],
}


def scenario(content: Mapping[str, Any] = LESSON, **changes: Any) -> Scenario:
    return Scenario.model_validate({**content, **changes})


def library() -> Library:
    scenarios = [scenario(content) for content in (LESSON, SECRET, EVERYBODYS)]
    return Library({one.id: one for one in scenarios}, {one.id: "## Why" for one in scenarios})


def written_into(folder: Path) -> Path:
    """The folder with all three and their debriefs."""
    (folder / "debrief").mkdir(parents=True)
    for content in (LESSON, SECRET, EVERYBODYS):
        (folder / f"{content['id']}.yaml").write_text(yaml.safe_dump({"scenario": content}))
        (folder / content["debrief"]).write_text("## Why\n\nIt was the `carrier`.")
    return folder
