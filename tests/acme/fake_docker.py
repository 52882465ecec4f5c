"""A program that stands in for `docker`: answers as it is told, and notes what it was asked."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROGRAM = """#!{python}
import json, pathlib, sys
folder = pathlib.Path({folder!r})
asked = " ".join(sys.argv[1:])
with (folder / "asked").open("a") as noted:
    noted.write(asked + "\\n")
answers = json.loads((folder / "answers").read_text())
for begin, (code, text) in answers.items():
    if asked.startswith(begin):
        if begin == "load":
            text += f" {{len(sys.stdin.buffer.read())}} bytes"
        (sys.stderr if code else sys.stdout).write(text)
        sys.exit(code)
sys.exit(f"nobody told me what to answer to {{asked}}")
"""


class FakeDocker:
    """Its answers by how a command begins: text, JSON, or a complaint with exit code 1."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._answers: dict[str, tuple[int, str]] = {}
        self.program = folder / "docker"
        self.program.write_text(PROGRAM.format(python=sys.executable, folder=str(folder)))
        self.program.chmod(0o755)

    def answers(self, answers: Mapping[str, Any]) -> None:
        """Adds answers; what is added later for the same beginning wins."""
        for begin, answer in answers.items():
            text = answer if isinstance(answer, str) else json.dumps(answer)
            self._answers[begin] = (0, text)
        self._write()

    def refuses(self, begin: str, complaint: str) -> None:
        self._answers[begin] = (1, complaint)
        self._write()

    def asked(self) -> list[str]:
        return (self._folder / "asked").read_text().splitlines()

    def _write(self) -> None:
        (self._folder / "answers").write_text(json.dumps(self._answers))
