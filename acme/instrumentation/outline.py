"""What a trace looks like, without what differs from one run to the next: ids, times, values."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby

from acme import terminal
from traces.model import Kind, Trace
from traces.tree import tree

Seen = tuple[str, str]  # a service and the kind of a span, or the caller and the callee
# Scopes of spans that are made by hand beside the work, whoever makes the others.
BY_HAND = "services."


def outline(trace: Trace) -> str:
    """One line for each span; spans of one kind and name in a row share theirs."""
    lines = [
        "  " * row.depth + f"{row.span.service}: {row.span.name} [{row.span.kind.name}]"
        for row in tree(trace)
    ]
    return "\n".join(
        f"{line} x {count}" if (count := len(list(same))) > 1 else line
        for line, same in groupby(lines)
    )


def kinds(trace: Trace) -> frozenset[Seen]:
    """Which service has spans of which kind, but for INTERNAL: those are of no other's concern."""
    seen = {(span.service, span.kind.name) for span in trace.spans}
    return frozenset((service, kind) for service, kind in seen if kind != Kind.INTERNAL.name)


def summary(columns: Mapping[str, Trace]) -> str:
    """A column for each trace: how many spans it has of which kind, and what they say."""
    rows = [(name, *map(str, values)) for name, values in facts(list(columns.values()))]
    return terminal.columns(("", *columns), rows, right=tuple(columns), width=terminal.UNLIMITED)


def facts(traces: Sequence[Trace]) -> list[tuple[str, list[int]]]:
    counted = [Counter(span.kind.name for span in trace.spans) for trace in traces]
    found = [("spans", [len(trace.spans) for trace in traces])]
    found += [
        (f"  {kind.name}", [one[kind.name] for one in counted])
        for kind in Kind
        if any(one[kind.name] for one in counted)
    ]
    return [
        *found,
        ("made by hand", [by_hand(trace) for trace in traces]),
        ("attributes", [sum(len(span.attributes) for span in trace.spans) for trace in traces]),
        ("names of attributes", [len(names(trace)) for trace in traces]),
        ("calls of services", [len(trace.edges) for trace in traces]),
    ]


def by_hand(trace: Trace) -> int:
    return sum(span.scope.startswith(BY_HAND) for span in trace.spans)


def names(trace: Trace) -> frozenset[str]:
    """The names of all attributes."""
    return frozenset(name for span in trace.spans for name in span.attributes)
