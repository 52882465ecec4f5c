"""`acme faults explain`: what the faults did to one trace, and what kept the others from it."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from acme.faults.control import ControlPlane, Rejected
from acme.faults.listing import RUN, WIDE
from acme.faults.occasions import Question, questions, spans_of

NOT_FOUND = 404
HEAD = ("fault", "in", "at", "attempt", "draw", "rate", "fired")
# How near a fault came before something was amiss: what is last here was the nearest.
INSTEAD = "instead_of"
NEARER = ("where.service", "where.side", "effect", "where.peer", "where.route", "where.operation")
Row = Mapping[str, Any]


def explain(plane: ControlPlane, run: Path, trace_id: str) -> None:
    """Prints each fault that matched in the trace, its draw, and whether it fired; then, for each
    other fault that there is now, why it did not match.
    """
    hits = plane.get("/hits", trace_id=trace_id)["hits"]
    spans = spans_of(run, trace_id)
    if not (hits or spans):
        raise Rejected(
            NOT_FOUND,
            f"nobody knows the trace {trace_id}: no fault matched in it, and "
            "lens does not have it, or not yet",
        )
    if hits:
        Console(width=None if sys.stdout.isatty() else WIDE).print(table(hits))
    for sentence in (*map(happened, hits), *others(plane, hits, list(questions(spans, hits)))):
        print(sentence)


def table(hits: Iterable[Row]) -> Table:
    out = Table(*HEAD, box=None, pad_edge=False)
    for column in out.columns[3:6]:
        column.justify = "right"
    for hit in hits:
        draw, rate = (figure(hit[key]) for key in ("draw", "rate"))
        fired = "yes" if hit["fired"] else "no"
        tried = str(hit["attempt"] + 1)
        out.add_row(hit["fault"], hit["service"], hit["place"], tried, draw, rate, fired)
    return out


def happened(hit: Row) -> str:
    """What the table says, as a sentence."""
    where = f"{hit['fault']} at {hit['place']} in {hit['service']}"
    did = "fired" if hit["fired"] else "did not fire"
    late = f", and waited {hit['delay'] * 1000:.0f} ms" if hit["fired"] and hit["delay"] else ""
    return f"{where} {did}: {because(hit)}{late}."


def because(hit: Row) -> str:
    draw, rate = hit["draw"], hit["rate"]
    if draw is None or rate is None:
        return "its hits are named, and this is one" if hit["fired"] else "this is none of its hits"
    if draw < rate and not hit["fired"]:
        return f"its draw {draw:.4f} is below its rate {rate:g}, but another fault ended the work"
    return f"its draw {draw:.4f} is {'below' if draw < rate else 'not below'} its rate {rate:g}"


def figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")


def others(plane: ControlPlane, hits: list[Row], asked: list[Question]) -> Iterator[str]:
    """The faults that are there and left no word of this trace, each with what was amiss."""
    nearest: dict[str, Row] = {}
    for question in asked:
        for row in plane.ask("POST", "/preview", question)["faults"]:
            told = {**row, "place": question["place"], "service": question["service"]}
            nearest[row["id"]] = max(nearest.get(row["id"], told), told, key=nearness)
    matched = {hit["fault"] for hit in hits}
    rest = [row for id_, row in nearest.items() if id_ not in matched]
    if not hits:
        yield "No fault struck this trace." if rest or not asked else "No faults are there now."
    for row in rest:
        taker = nearest.get(row["why"].partition(" ")[0]) if row["failed"] == INSTEAD else None
        yield f"{row['id']} is there, but {amiss(row) if taker is None else rests(taker)}."


def nearness(row: Row) -> tuple[bool, int]:
    failed = row["failed"]
    return row["matched"], NEARER.index(failed) if failed in NEARER else len(NEARER)


def rests(taker: Row) -> str:
    """Why a fault rests that the other one stands in for, whether that one is near or not."""
    if taker["source"].startswith(RUN):
        run = taker["source"].removeprefix(RUN)
        return f"it rests: the scenario of run {run} has all others rest for whom it is about"
    return f"it rests: {taker['id']} takes its place for whom that is about"


def amiss(row: Row) -> str:
    if row["matched"]:
        return (
            f"no hit of it is noted, though {row['place']} in {row['service']} is meant: it came "
            "later, or did not fire, which is noted in sessions only"
        )
    if row["failed"] == "where.service":
        return f"{row['why'].partition(',')[0]}, which has no part in this trace"
    return f"it does not match {row['place']} in {row['service']} ({row['failed']}): {row['why']}"
