"""What a person reads on a terminal: aligned columns, colours, suggestions, JSON for programs."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import zip_longest
from shutil import get_terminal_size
from textwrap import wrap

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
UNLIMITED = 10_000  # columns where the output is no terminal, so that a line stays a line
GAP = "  "
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


def columns(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[str] = (),
    width: int | None = None,
) -> str:
    """A table whose columns are as wide as they need be; those named in `right` are right-aligned.
    Plain text, so that it reads the same in a pipe.

    Where that is wider than the terminal, cells are wrapped between words; where even the longest
    words do not fit beside each other, each row is a list of its own.
    """
    room = width or get_terminal_size((UNLIMITED, 24)).columns
    table = [head, *rows]
    found = list(zip(*table, strict=True))
    natural = [max(map(len, column)) for column in found]
    least = [max(len(word) for cell in column for word in cell.split() or [""]) for column in found]
    gaps = len(GAP) * (len(head) - 1)
    if sum(least) + gaps > room:
        return "\n".join(stacked(head, row, room) for row in rows)
    widths = narrowed(natural, least, room - gaps)
    sides = [">" if name in right else "<" for name in head]
    return "\n".join(line for row in table for line in wrapped(row, widths, sides))


def narrowed(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """The widths of the columns, once those that can have given so much that all fit."""
    widths = list(natural)
    while sum(widths) > room:
        spare = [width - needed for width, needed in zip(widths, least, strict=True)]
        widths[max(range(len(widths)), key=lambda index: (spare[index] > 0, widths[index]))] -= 1
    return widths


def wrapped(row: Sequence[str], widths: Sequence[int], sides: Sequence[str]) -> Iterator[str]:
    """The lines of a row: more than one where a cell does not fit into its column."""
    cells = [words(cell, width) for cell, width in zip(row, widths, strict=True)]
    for line in zip_longest(*cells, fillvalue=""):
        aligned = zip(line, sides, widths, strict=True)
        yield GAP.join(f"{cell:{side}{width}}" for cell, side, width in aligned).rstrip()


def stacked(head: Sequence[str], row: Sequence[str], room: int) -> str:
    """A row as a list: its first cell, and below it each other one with its column's name."""
    widest = max(map(len, head[1:]), default=0)
    indent = f"{GAP}{'':{widest}}{GAP}"
    lines = words(row[0], room)
    for name, cell in zip(head[1:], row[1:], strict=True):
        first, *more = words(cell, max(room - len(indent), 1))
        lines += [f"{GAP}{name:{widest}}{GAP}{first}".rstrip(), *(indent + one for one in more)]
    return "\n".join(lines)


def words(text: str, width: int) -> list[str]:
    """The text in lines of this width, never broken inside a word."""
    if len(text) <= width:
        return [text]
    return wrap(text, max(width, 1), break_long_words=False, break_on_hyphens=False) or [""]


def as_json(document: object, indent: int | None = 2) -> str:
    """As every `--json` prints it; on one line without an indent."""
    return json.dumps(document, indent=indent)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean 'cart'?`, to be appended to a sentence; empty when nothing known is near."""
    near = get_close_matches(word, list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
