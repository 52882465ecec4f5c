"""Where the context of a trace was lost on its way."""

from collections.abc import Iterator

from traces.findings.around import Surroundings
from traces.findings.finding import Finding
from traces.model import Kind, Trace
from traces.semconv import value_of
from traces.timeline import extent
from traces.units import shortened
from traces.verdict import http_status, is_store

STILL_COMING_NS = 5_000_000_000
ANSWERED = range(200, 400)


def context_lost(trace: Trace, around: Surroundings) -> Iterator[Finding]:
    """A call of a service that sends spans, which answered and has none here. A failure may be the
    answer of something in between.
    """
    if trace.read_ns and trace.read_ns - extent(trace)[1] < STILL_COMING_NS:
        return
    sending = around.services | set(trace.services)
    for call in trace.spans:
        peer = value_of(call.attributes, "service.peer.name")
        if call.kind is not Kind.CLIENT or is_store(call) or peer not in sending:
            continue
        status = http_status(call)
        if status in ANSWERED and not trace.children_of(call):
            sentence = (
                f"{call.service} called {peer}, which answered {status} but has no span here "
                f"({shortened(call.name)}): the trace context did not get through."
            )
            yield Finding("context_lost", sentence, call)
