"""The action of experiments that needs the launcher: Chaos Toolkit calls it to kill a service."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acme.launcher import environment, stop
from acme.launcher.state import RunFolder

RUN = "run"


def kill(service: str, signal: str = "KILL", configuration: Mapping[str, Any] | None = None) -> str:
    """Sends a signal to a service, as `acme kill` does. Raises CannotKill."""
    folder = RunFolder(Path((configuration or {}).get(RUN) or environment.ROOT / ".acme"))
    state = folder.running()
    if state is None:
        raise stop.CannotKill(f"no shop runs from {folder.path}")
    return stop.kill(state, service, stop.number_of(signal))
