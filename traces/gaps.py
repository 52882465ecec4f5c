"""What is missing from a trace, and who should have sent it."""

from collections.abc import Mapping, Sequence

from traces.model import Span, Trace, once
from traces.semconv import HERE, value_of
from traces.timeline import extent

PATIENCE_NS = 60_000_000_000
KNOWN, REMOTE = 0x100, 0x200  # bits of a span's flags: is it known whether its parent is remote?


def arrival(trace: Trace) -> str:
    """`has not arrived yet`, or `never arrived` if the trace ended more than a minute before it was
    read.
    """
    if not trace.read_ns:
        return "has not arrived"
    _, last = extent(trace)
    return "has not arrived yet" if trace.read_ns - last < PATIENCE_NS else "never arrived"


@once
def missing(trace: Trace) -> Mapping[str, Sequence[Span]]:
    """The ids that spans have for a parent that is not there, with those spans."""
    found: dict[str, list[Span]] = {}
    for span in trace.orphans:
        found.setdefault(span.parent_id or "", []).append(span)
    return found


def sender(trace: Trace, span_id: str) -> str:
    """Who should have sent the span that is missing, as far as its log lines and its children tell:
    a service, or words for a caller who is not named.
    """
    if logged := next((line.service for line in trace.logs if line.span_id == span_id), ""):
        return logged
    children = missing(trace)[span_id]
    if inside := next((span.service for span in children if not has_remote_parent(span)), ""):
        return inside
    for span in children:
        if named := value_of(span.attributes, "service.peer.name"):
            return str(named)
    first = children[0]
    for key in ("client.address", "network.peer.address"):
        address = value_of(first.attributes, key)
        if address and address not in HERE:
            return f"the caller of {first.service} at {address}"
    return f"the caller of {first.service}"


def has_remote_parent(span: Span) -> bool:
    """Whether the parent is another process's: by the flags, or where they are silent by kind."""
    return bool(span.flags & REMOTE) if span.flags & KNOWN else span.kind.receives
