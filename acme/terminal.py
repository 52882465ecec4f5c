"""What a person reads on a terminal: aligned columns, colours, suggestions, JSON for programs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

CODES = {
    "bold": "1",
    "grey": "90",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
    "bright green": "92",
    "bright yellow": "93",
    "bright blue": "94",
    "bright magenta": "95",
    "bright cyan": "96",
}
OF_SERVICES = [name for name in CODES if name not in ("bold", "grey", "red")]


@dataclass(frozen=True)
class Colours:
    """Paints text, or leaves it as it is."""

    wanted: bool

    def paint(self, colour: str, text: str) -> str:
        return f"\x1b[{CODES[colour]}m{text}\x1b[0m" if self.wanted and text else text

    def of_service(self, index: int, text: str) -> str:
        return self.paint(OF_SERVICES[index % len(OF_SERVICES)], text)


def wanted(environ: Mapping[str, str], terminal: bool) -> bool:
    """NO_COLOR, set to anything, wins; FORCE_COLOR comes next; then whether it is a terminal."""
    if environ.get("NO_COLOR"):
        return False
    return terminal or bool(environ.get("FORCE_COLOR"))


def columns(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> str:
    """A table whose columns are as wide as they need be; those named in `right` are right-aligned.
    Plain text, so that it reads the same in a pipe.
    """
    table = [head, *rows]
    widths = [max(len(row[index]) for row in table) for index in range(len(head))]
    sides = [">" if name in right else "<" for name in head]

    def line(row: Sequence[str]) -> str:
        cells = zip(row, sides, widths, strict=True)
        return "  ".join(f"{cell:{side}{width}}" for cell, side, width in cells).rstrip()

    return "\n".join(map(line, table))


def as_json(document: object, indent: int | None = 2) -> str:
    """As every `--json` prints it; on one line without an indent."""
    return json.dumps(document, indent=indent)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean 'cart'?`, to be appended to a sentence; empty when nothing known is near."""
    near = get_close_matches(word, list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
