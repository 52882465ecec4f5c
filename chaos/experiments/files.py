"""The files of experiments."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from acme.launcher.environment import ROOT
from chaos.experiments.toolkit import CannotRun

FOLDER = ROOT / "chaos" / "experiments"


def shipped() -> list[Path]:
    """Those that come with the shop."""
    return sorted(FOLDER.glob("*.yaml"))


def found(name: str) -> Path:
    """The file with that name, here or in chaos/experiments/. Raises CannotRun."""
    for file in (Path(name), FOLDER / name, FOLDER / f"{name}.yaml"):
        if file.is_file():
            return file
    there = ", ".join(file.stem for file in shipped())
    raise CannotRun(f"there is no experiment {name}; those that come with the shop are {there}")


def is_aimed(experiment: Mapping[str, Any]) -> bool:
    """Whether it puts a fault for one session."""
    given = (done["provider"].get("arguments") or {} for done in experiment.get("method") or ())
    faults = (one["fault"] for one in given if isinstance(one.get("fault"), Mapping))
    matches = ((fault.get("where") or {}).get("match") or {} for fault in faults)
    return any("session" in match for match in matches)


def content(file: Path) -> Mapping[str, Any]:
    """What the file says. Raises CannotRun."""
    try:
        read = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CannotRun(f"{file} cannot be read: {type(error).__name__}") from None
    if not isinstance(read, dict) or not isinstance(read.get("title"), str):
        raise CannotRun(f"{file} is no experiment: it has no title")
    return read
