"""Traces out of a file, whichever tool wrote it."""

import json
from collections.abc import Iterator
from typing import Any

from traces.formats import jaeger
from traces.formats.otlp_json import spans_of
from traces.model import Span, Trace


class NoTraces(ValueError):
    """A document in which there is no trace; the message says why."""


def traces_in(text: str) -> list[Trace]:
    """The traces of OTLP JSON (one document, or one on each line, as the Collector's file exporter
    writes them) or of Jaeger's JSON (as its API answers and its UI downloads). Raises NoTraces.
    """
    try:
        found = [trace for document in documents(text) for trace in traces_of(document)]
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise NoTraces(f"neither OTLP JSON nor Jaeger's JSON: {error}") from None
    spans: dict[str, list[Span]] = {}
    for trace in found:
        spans.setdefault(trace.trace_id, []).extend(trace.spans)
    if not spans:
        raise NoTraces("no span in it")
    return [Trace.of(trace_id, own) for trace_id, own in spans.items()]


def documents(text: str) -> Iterator[Any]:
    """One JSON document, or one on each line."""
    try:
        yield json.loads(text)
    except json.JSONDecodeError:
        for line in filter(str.strip, text.splitlines()):
            yield json.loads(line)


def traces_of(document: Any) -> Iterator[Trace]:
    if "data" in document or "processes" in document:
        yield from map(jaeger.trace_of, document.get("data", [document]))
        return
    for span in spans_of(document.get("result", document)):
        yield Trace(span.trace_id, (span,))
