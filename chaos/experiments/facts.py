"""What one needs to know of an experiment to do it again."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from acme.launcher.environment import ROOT
from chaos.experiments import toolkit
from chaos.experiments.place import Place
from chaos.experiments.verdict import Journal


def facts(journal: Journal, place: Place, command: str) -> Mapping[str, str]:
    """By their names, in the order in which a report tells them."""
    state = place.run.running()
    return {
        "command": command,
        "seed of the visitors": str(place.seed),
        "seed of the shop's draws": str(state.seed) if state else "unknown",
        "revision of the faults": str(place.shop.plane.get("/faults")["revision"]),
        "when": str(journal["start"]),
        "how long": f"{journal['duration']:.1f} s",
        "Python": sys.version.split()[0],
        **toolkit.versions(),
        "platform": str(journal["platform"]),
    }


def command_of(experiment: str, place: Place, report: Path | None) -> str:
    """What does the same again."""
    words = [".venv/bin/acme", "experiment", "run", experiment, "--seed", str(place.seed)]
    if place.run.path != (ROOT / ".acme").resolve():
        words += ["--run-dir", str(place.run.path)]
    return shlex.join([*words, *(["--report", str(report)] if report else [])])
