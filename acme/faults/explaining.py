"""`acme faults explain`: what the faults did to one trace, and why others did not fire in it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acme.faults.listing import RUN, because
from acme.terminal import columns
from chaos.client import ControlPlane, Rejected
from traces.backend import Backend
from traces.model import Kind, Span

NOT_FOUND = 404
MOST_PLACES = 60
HEAD = ("fault", "in", "at", "attempt", "draw", "rate", "fired")
# A fault's conditions in order: the later the first one that fails, the nearer the fault was.
INSTEAD = "instead_of"
NEARER = ("where.service", "where.side", "effect", "where.peer", "where.route", "where.operation")
Row = Mapping[str, Any]
Question = dict[str, Any]


@dataclass(frozen=True)
class Explanation:
    """Each fault that matched in a trace, with its draw and whether it fired; and, for every other
    fault that exists now, a sentence why it did not match.
    """

    hits: Sequence[Row]
    others: Sequence[str]

    def show(self) -> None:
        if self.hits:
            print(columns(HEAD, [cells(hit) for hit in self.hits], right=HEAD[3:6]))
        for sentence in (*map(outcome, self.hits), *self.others):
            print(sentence)

    def as_json(self) -> dict[str, object]:
        hits = [{**hit, "sentence": outcome(hit)} for hit in self.hits]
        return {"hits": hits, "others": self.others}


def explain(
    plane: ControlPlane, lens: str, trace_id: str, hidden: str | None = None
) -> Explanation:
    """What the faults did to the trace; "show" has the `hidden` ones among them. `lens` is the
    address of the trace backend. Raises Rejected for a trace that nobody knows.
    """
    hits = plane.get("/hits", trace_id=trace_id, hidden=hidden)["hits"]
    spans = spans_of(lens, trace_id)
    if not (hits or spans):
        raise Rejected(
            NOT_FOUND,
            f"the trace {trace_id} is not known: no fault matched in it, and lens does not "
            "have it, or not yet",
        )
    about = list(questions(spans, hits))
    return Explanation(hits, list(others(plane, hits, about, hidden)))


def spans_of(lens: str, trace_id: str) -> Sequence[Span]:
    """The spans of the trace; none where lens does not answer."""
    try:
        return Backend(lens).trace(trace_id).spans
    except (OSError, ValueError):
        return []


def cells(hit: Row) -> tuple[str, ...]:
    draw, rate = (figure(hit[key]) for key in ("draw", "rate"))
    fired = "yes" if hit["fired"] else "no"
    return hit["fault"], hit["service"], hit["place"], str(hit["attempt"] + 1), draw, rate, fired


def outcome(hit: Row) -> str:
    """A line of the table as a sentence."""
    did = "fired" if hit["fired"] else "did not fire"
    delay = f", and delayed {hit['delay'] * 1000:.0f} ms" if hit["fired"] and hit["delay"] else ""
    return f"{hit['fault']} {did}{delay} ({hit['service']}, {hit['place']}): {because(hit)}."


def figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")


def questions(spans: Iterable[Span], hits: Iterable[Row]) -> Iterator[Question]:
    """What to ask the control plane's preview: each place of the trace once, in its session."""
    session = session_of(spans, hits)
    seen: set[tuple[str, str, str, str]] = set()
    for span in spans:
        if (side := side_of(span)) is None:
            continue
        peer = str(span.attributes.get("service.peer.name", "")) if side == "client" else ""
        place = span.service, span.name, side, peer
        if place not in seen and len(seen) < MOST_PLACES:
            seen.add(place)
            request = dict(zip(("service", "place", "side", "peer"), place, strict=True))
            yield {**request, **session, "attribute": simple(span.attributes)}


def side_of(span: Span) -> str | None:
    """The side on which a fault would match it; None for a span of another kind."""
    if span.kind is Kind.SERVER:
        return "server"
    if span.kind in {Kind.PRODUCER, Kind.CONSUMER}:
        return "stream"
    if span.kind is Kind.CLIENT:
        return "store" if "db.system.name" in span.attributes else "client"
    return None


def session_of(spans: Iterable[Span], hits: Iterable[Row]) -> dict[str, str]:
    """The session and its step, by a hit, or else the session of a span."""
    for hit in hits:
        if hit["session"]:
            return {"session": hit["session"], "step": hit["step"]}
    found = (str(span.attributes.get("session.id", "")) for span in spans)
    session = next(filter(None, found), "")
    return {"session": session} if session else {}


def simple(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that a fault may match, as many and as long as the API accepts."""
    plain = ((k, v) for k, v in attributes.items() if isinstance(v, bool | int | float | str))
    return {key: value[:500] if isinstance(value, str) else value for key, value in [*plain][:50]}


def others(
    plane: ControlPlane, hits: list[Row], places: list[Question], hidden: str | None
) -> Iterator[str]:
    """The faults without a hit in this trace, each with the condition that failed."""
    nearest: dict[str, Row] = {}
    preview = "/preview?hidden=show" if hidden else "/preview"
    for question in places:
        for row in plane.request("POST", preview, question)["faults"]:
            there = {**row, "place": question["place"], "service": question["service"]}
            nearest[row["id"]] = max(nearest.get(row["id"], there), there, key=nearness)
    matched = {hit["fault"] for hit in hits}
    rest = [row for id_, row in nearest.items() if id_ not in matched]
    if not hits:
        yield "No fault fired in this trace." if rest or not places else "There are no faults now."
    for row in rest:
        instead = nearest.get(row["why"].partition(" ")[0]) if row["failed"] == INSTEAD else None
        why = mismatch(row) if instead is None else replaced(instead)
        yield f"{row['id']} did not fire: {why}."


def nearness(row: Row) -> tuple[bool, int]:
    failed = row["failed"]
    return row["matched"], NEARER.index(failed) if failed in NEARER else len(NEARER)


def replaced(instead: Row) -> str:
    """Why a fault rests that another one replaces, whether that one is near or not."""
    if instead["source"].startswith(RUN):
        run = instead["source"].removeprefix(RUN)
        return f"it rests, because the scenario of run {run} replaces all other faults"
    return f"it rests, because {instead['id']} replaces it where that one applies"


def mismatch(row: Row) -> str:
    if row["matched"]:
        return (
            f"it was applied later, or its draw missed in {row['service']} at {row['place']}; "
            "draws that miss are recorded for sessions only"
        )
    if row["failed"] == "where.service":
        return f"{row['why'].partition(',')[0]}, which has no part in this trace"
    return f"{row['why']} (nearest: {row['service']}, {row['place']})"
