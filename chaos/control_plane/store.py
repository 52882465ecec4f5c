"""Where the control plane keeps its faults between two lives: one small file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.errors import Unavailable

HERE = Path(__file__).parent
PROFILES = HERE / "profiles"


class FaultFile:
    """A file that is whole at every moment: it is written beside, then renamed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, Any]:
        """What was kept, nothing if there is no file. Raises Unavailable when it cannot be used."""
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            raise Unavailable(f"{self.path} cannot be read: {type(error).__name__}") from None
        if not isinstance(found, dict):
            raise Unavailable(f"{self.path} cannot be used: it has a {type(found).__name__}")
        return found

    def write(self, content: Mapping[str, Any]) -> None:
        """Raises Unavailable when it cannot be written."""
        beside = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(content, indent=1), encoding="utf-8")
            beside.replace(self.path)
        except OSError as error:
            told = f"{self.path} cannot be written: {error.strerror or error}"
            raise Unavailable(told) from None

    def set_aside(self) -> Path | None:
        """Puts a file that cannot be used out of the way, for whoever wants to look at it."""
        aside = self.path.with_suffix(".broken")
        try:
            self.path.replace(aside)
        except OSError:
            return None
        return aside


def text_of_profile(name: str) -> str:
    """The faults of a profile that comes with the shop."""
    return (PROFILES / f"{name}.yaml").read_text(encoding="utf-8")


def text_of_file(path: str) -> str:
    """Raises OSError and UnicodeDecodeError."""
    return Path(path).read_text(encoding="utf-8")
