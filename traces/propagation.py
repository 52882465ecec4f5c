"""How a trace's context crossed from one service to the next, where spans say so: which headers
were sent, which were found, and what became of them.

The attributes are written by a caller's CLIENT or PRODUCER span and by a callee's SERVER or
CONSUMER span; either may be missing, as each is in its own trace where a hop is broken.
"""

from dataclasses import dataclass
from typing import Any

from traces.model import Kind, Span, Trace
from traces.semconv import CALLING
from traces.verdict import callee

PREFIX = "acmeshop.propagation."
SAID = frozenset({f"{PREFIX}sent", f"{PREFIX}found"})  # one of them by whoever says anything
BAGGAGE = "baggage"


@dataclass(frozen=True, slots=True)
class Hop:
    """What is known of one hop; `reads` are the formats that the callee reads, and `read_as` is the
    one that counted. `elsewhere` is the trace of the callee's work, if it is another one.
    """

    caller: str = ""
    callee: str = ""
    sent: tuple[str, ...] = ()
    sent_headers: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    found_headers: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    read_as: str = ""
    elsewhere: str = ""

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats that named a trace, as sent, or else as found."""
        return of_traces(self.found or self.sent)


def hop_at(trace: Trace, span: Span) -> Hop | None:
    """The hop that this span is one end of; None where neither end says anything."""
    call: Span | None
    work: Span | None
    if span.kind in CALLING:
        call, work = span, trace.receiver_of(span)
    elif span.kind in {Kind.SERVER, Kind.CONSUMER}:
        call, work = trace.parent_of(span), span
    else:
        return None
    sender, receiver = said(call), said(work)
    if not (sender or receiver):
        return None
    return Hop(
        caller=call.service if call and sender else "",
        callee=work.service if work else callee(trace, call) if call else "",
        sent=texts(sender, "sent"),
        sent_headers=texts(sender, "sent_headers"),
        found=texts(receiver, "found"),
        found_headers=texts(receiver, "found_headers"),
        reads=texts(receiver, "reads") or texts(sender, "peer_reads"),
        read_as=str(receiver.get("read_as", "")),
        elsewhere=str(sender.get("peer_trace", "")),
    )


def said(span: Span | None) -> dict[str, Any]:
    """The span's attributes about propagation, without their prefix."""
    if span is None or not SAID.intersection(span.attributes):
        return {}
    return {
        key.removeprefix(PREFIX): value
        for key, value in span.attributes.items()
        if key.startswith(PREFIX)
    }


def texts(attributes: dict[str, Any], key: str) -> tuple[str, ...]:
    value = attributes.get(key, ())
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def of_traces(formats: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in formats if name != BAGGAGE)
