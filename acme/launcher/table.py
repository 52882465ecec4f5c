"""Rows as aligned columns; plain text, so that it reads the same in a pipe."""

from collections.abc import Sequence


def columns(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> str:
    """A table whose columns are as wide as they need be; those named in `right` are aligned so."""
    table = [head, *rows]
    widths = [max(len(row[index]) for row in table) for index in range(len(head))]
    sides = [">" if name in right else "<" for name in head]

    def line(row: Sequence[str]) -> str:
        cells = zip(row, sides, widths, strict=True)
        return "  ".join(f"{cell:{side}{width}}" for cell, side, width in cells).rstrip()

    return "\n".join(map(line, table))
