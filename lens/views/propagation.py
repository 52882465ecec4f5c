"""How a span's context crossed the wire, in sentences, where its spans recorded it."""

from dataclasses import dataclass

from traces.model import Kind, Span, Trace
from traces.propagation import Hop, hop_at
from traces.semconv import CALLING
from traces.units import listed


@dataclass(frozen=True, slots=True)
class Crossing:
    """One fact of a hop: a sentence, the headers that it is about, the trace it leads to."""

    sentence: str
    headers: tuple[str, ...] = ()
    trace_id: str = ""


def crossings(trace: Trace, span: Span) -> tuple[Crossing, ...]:
    """What is known of the hop that this span is one end of; empty where nothing is."""
    hop = hop_at(trace, span)
    if hop is None:
        return ()
    is_call = span.kind in CALLING
    facts = []
    if hop.sent:
        facts.append(Crossing(f"Went out as {listed(hop.sent)}:", hop.sent_headers))
    elif is_call:
        facts.append(Crossing("Went out without any context."))
    if hop.found and (not is_call or hop.found_headers != hop.sent_headers):
        facts.append(Crossing(f"Came in as {listed(hop.found)}:", hop.found_headers))
    facts.extend(reading(hop, span))
    return tuple(facts)


def reading(hop: Hop, span: Span) -> list[Crossing]:
    """What became of it at the callee."""
    if hop.read_as:
        others = [name for name in hop.formats if name != hop.read_as]
        besides = f"; {listed(others)} did not count" if others else ""
        return [Crossing(f"Read by {hop.callee} as {hop.read_as}{besides}.")]
    if not hop.reads:
        return []
    reads = f"{hop.callee} reads {listed(hop.reads)}"
    if hop.elsewhere:
        return [Crossing(f"Not read: {reads}. Its work is in another trace:", (), hop.elsewhere)]
    if span.kind in {Kind.SERVER, Kind.CONSUMER}:
        why = "Not read" if hop.formats else "No trace to go on with"
        return [Crossing(f"{why}: {reads}. A trace begins here.")]
    return []
