"""Which rows of a long trace its page has from the start; a script asks for the others by number.

Rows are counted from 0 in the order of the waterfall. Up to SHORT rows are sent whole; of more, the
first ones and those around the row that is opened, with a gap for what is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from traces.layout.waterfall import Row
from traces.model import Span

SHORT = 400
CHUNK = 100
FIRST_CHUNKS = 3


@dataclass(frozen=True, slots=True)
class Chunk:
    """`count` rows from number `first` on; without `rows` it is a gap."""

    first: int
    count: int
    rows: tuple[tuple[int, Row], ...] = ()


def chunk(rows: Sequence[Row], first: int, count: int) -> Chunk:
    """These rows with their numbers, as far as there are such."""
    numbered = tuple(enumerate(rows[first : first + count], start=first))
    return Chunk(first, len(numbered), numbered)


def chunks(rows: Sequence[Row], opened: int | None, *, whole: bool) -> tuple[Chunk, ...]:
    """The chunks of a page, in which the row number `opened` is present."""
    if whole or len(rows) <= SHORT:
        return (chunk(rows, 0, len(rows)),)
    near = () if opened is None else range(opened // CHUNK - 1, opened // CHUNK + 2)
    wanted = {*range(FIRST_CHUNKS), *near}
    found: list[Chunk] = []
    starts = range(0, len(rows), CHUNK)
    for present, group in groupby(starts, key=lambda start: start // CHUNK in wanted):
        firsts = list(group)
        if present:
            found.extend(chunk(rows, first, CHUNK) for first in firsts)
        else:
            found.append(Chunk(firsts[0], min(len(rows), firsts[-1] + CHUNK) - firsts[0]))
    return tuple(found)


def number_of(rows: Sequence[Row], span: Span | None) -> int | None:
    """The number of the row of a span; None without one."""
    return next(
        (number for number, row in enumerate(rows) if span and row.span.span_id == span.span_id),
        None,
    )
