"""The commands of a guide with what they print, out of its blocks of the language `console`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from acme.launcher.environment import ROOT

BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
ACME = ".venv/bin/acme "
# What differs from run to run: ids, times, durations, bars, and the space that makes columns.
VARYING = (
    (r"\b[0-9a-f]{32}\b", r"[0-9a-f]{32}"),
    (r"\b\d\d:\d\d:\d\d\b", r"\d\d:\d\d:\d\d"),
    (r"[\d.]+ (?:µs|ms|s)\b", r"[\d.]+ (?:µs|ms|s)"),
    (r"\b\d+ %", r"\d+ %"),
    (r"█+", "█+"),
    (r" +", r" +"),
)
ANY = re.compile("|".join(f"(?P<v{at}>{pattern})" for at, (pattern, _) in enumerate(VARYING)))


@dataclass(frozen=True)
class Step:
    """A command, and lines that are among what it prints."""

    command: str
    lines: Sequence[str]

    def missing_in(self, output: str) -> list[str]:
        """The lines that are not there, whatever the numbers are."""
        printed = [line.strip() for line in output.splitlines()]
        return [
            line
            for line in self.lines
            if not any(re.fullmatch(pattern_of(line.strip()), one) for one in printed)
        ]


def pattern_of(line: str) -> str:
    """A regular expression for lines that are alike but for what varies."""
    parts, last = [], 0
    for found in ANY.finditer(line):
        parts.append(re.escape(line[last : found.start()]))
        parts.append(VARYING[int(str(found.lastgroup)[1:])][1])
        last = found.end()
    return "".join([*parts, re.escape(line[last:])])


def steps(guide: str) -> list[Step]:
    """The commands of a page of the docs, in order."""
    found: list[Step] = []
    for block in BLOCK.findall(Path(ROOT, "docs", guide).read_text(encoding="utf-8")):
        command, lines = "", list[str]()
        for line in (*block.splitlines(), "$ "):
            if not line.startswith("$ "):
                lines.append(line)
                continue
            if command:
                found.append(Step(command, tuple(lines)))
            command, lines = line.removeprefix("$ "), []
    return found
