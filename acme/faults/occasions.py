"""The places in a trace at which a fault might have struck."""

import urllib.error
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from acme.launcher import environment
from acme.launcher.state import RunFolder
from shared.settings import Settings
from shared.tracetest import Backend, Span

MOST = 60
Question = dict[str, Any]


def spans_of(run: Path, trace_id: str) -> list[Span]:
    """What lens has of the trace; nothing where it cannot be asked."""
    state = RunFolder(run).running()
    running = state.services.get("lens") if state else None
    url = running.url if running else Settings.read("lens", environment.own()).urls["lens"]
    try:
        return Backend(url).trace(trace_id).spans
    except (urllib.error.URLError, OSError, ValueError):
        return []


def questions(spans: Iterable[Span], hits: Iterable[Mapping[str, Any]]) -> Iterator[Question]:
    """What to ask the control plane: each place of the trace once, in whose session it was."""
    whose = session_of(spans, hits)
    asked: set[tuple[str, str, str, str]] = set()
    for span in spans:
        if (side := side_of(span)) is None:
            continue
        peer = str(span.attributes.get("service.peer.name", "")) if side == "client" else ""
        place = span.service, span.name, side, peer
        if place not in asked and len(asked) < MOST:
            asked.add(place)
            told = dict(zip(("service", "place", "side", "peer"), place, strict=True))
            yield {**told, **whose, "attribute": simple(span.attributes)}


def side_of(span: Span) -> str | None:
    """The side on which a fault would strike it; None for a span of no such kind."""
    if span.kind == "SERVER":
        return "server"
    if span.kind in {"PRODUCER", "CONSUMER"}:
        return "stream"
    if span.kind == "CLIENT":
        return "store" if "db.system.name" in span.attributes else "client"
    return None


def session_of(spans: Iterable[Span], hits: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The session and its step, as a span or a hit tells of them."""
    for hit in hits:
        if hit["session"]:
            return {"session": hit["session"], "step": hit["step"]}
    found = (str(span.attributes.get("session.id", "")) for span in spans)
    session = next(filter(None, found), "")
    return {"session": session} if session else {}


def simple(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Those that a fault may ask for."""
    plain = ((k, v) for k, v in attributes.items() if isinstance(v, bool | int | float | str))
    return {key: value[:500] if isinstance(value, str) else value for key, value in [*plain][:50]}
