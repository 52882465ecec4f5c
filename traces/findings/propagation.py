"""Where a trace ends, or begins, because a service could not read its caller's headers."""

from collections.abc import Iterator

from traces.findings.finding import Finding
from traces.model import Kind, Trace
from traces.propagation import Hop, hop_at, of_traces
from traces.semconv import CALLING
from traces.units import listed


def unread_context(trace: Trace) -> Iterator[Finding]:
    """One sentence for each hop, however often it was made."""
    known: set[str] = set()
    for span in trace.spans:
        hop = hop_at(trace, span)
        if hop is None or hop.read_as:
            continue
        if span.kind in CALLING:
            sentence = of_call(hop) if hop.elsewhere else ""
        elif span.kind is Kind.CONSUMER:
            sentence = of_message(hop) if hop.formats else ""
        else:
            sentence = of_request(hop) if hop.formats and span.parent_id is None else ""
        if sentence and sentence not in known:
            known.add(sentence)
            yield Finding("unread_context", sentence, span)


def of_call(hop: Hop) -> str:
    where = f"what {hop.callee} did is in another trace, {hop.elsewhere[:8]}…"
    if not hop.formats:
        return f"{hop.caller} sent {hop.callee} no header that names a trace: {where}"
    return (
        f"{hop.caller} sent its context to {hop.callee} as {listed(hop.formats)}, but "
        f"{hop.callee} reads {only(hop)}: {where}"
    )


def of_request(hop: Hop) -> str:
    return (
        f"{hop.callee} got a context as {listed(hop.formats)}, but reads {only(hop)}: this trace "
        "begins here, and the one of its caller ends."
    )


def of_message(hop: Hop) -> str:
    return (
        f"{hop.callee} got a message whose context came as {listed(hop.formats)}, but reads "
        f"{only(hop)}: nothing links its work to the sender."
    )


def only(hop: Hop) -> str:
    formats = of_traces(hop.reads)
    return f"only {listed(formats)}" if formats else "none"
