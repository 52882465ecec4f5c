"""A program that stands in for `docker`: answers as the test says, and notes its arguments."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROGRAM = """#!{python}
import json, pathlib, sys
folder = pathlib.Path({folder!r})
arguments = " ".join(sys.argv[1:])
with (folder / "arguments").open("a") as noted:
    noted.write(arguments + "\\n")
answers = json.loads((folder / "answers").read_text())
for begin, (code, text) in answers.items():
    if arguments.startswith(begin):
        if begin == "load":
            text += f" {{len(sys.stdin.buffer.read())}} bytes"
        (sys.stderr if code else sys.stdout).write(text)
        sys.exit(code)
sys.exit(f"no answer is set for {{arguments}}")
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

    def arguments(self) -> list[str]:
        return (self._folder / "arguments").read_text().splitlines()

    def _write(self) -> None:
        (self._folder / "answers").write_text(json.dumps(self._answers))
