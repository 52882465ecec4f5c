"""What the page of a trace, and the details of a span, are filled with."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lens.domain.hints import Hints
from lens.views.chunks import chunks, number_of
from lens.views.details import details, offset
from lens.views.explained import explained
from lens.views.find import find
from lens.views.statistics import OPERATION, ORDERS, keys_of, parts, statistics
from traces.clocks import aligned, clocks_of
from traces.findings import ALONE, Surroundings, findings
from traces.gaps import arrival, sender
from traces.layout.flame import flame
from traces.layout.minimap import minimap
from traces.layout.trace_graph import trace_graph
from traces.layout.waterfall import Waterfall, ruler_of, waterfall
from traces.model import Span, Trace
from traces.summary import summary
from traces.timeline import odd_times, placed
from traces.times import took
from traces.tree import self_time
from traces.units import duration
from traces.verdict import how, verdict

SIGNS = {"good": "✓", "refused": "!", "degraded": "!", "bad": "✖", "unknown": "…"}
NO_HINTS = Hints()

MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class Layout:
    """A trace, and its rows with times adjusted to one clock, or as they were `recorded`."""

    trace: Trace
    fall: Waterfall
    recorded: bool


def laid_out(trace: Trace, recorded: bool) -> Layout:
    return Layout(trace, waterfall(trace if recorded else aligned(trace)), recorded)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be seen of a trace: one of VIEWS, an opened span, the text to find in spans; all
    that is to be had of it, if it is to be `whole`. The table is grouped `by` something and in the
    `order` of a column.
    """

    view: str
    span_id: str = ""
    text: str = ""
    whole: bool = False
    by: str = ""
    order: str = ""


def of_trace(
    layout: Layout, wanted: Wanted, around: Surroundings = ALONE, hints: Hints = NO_HINTS
) -> dict[str, Any]:
    """For the whole page. Without a named span, the first cause of an error is open; unless it is
    to be `whole`, a long trace has only some of its rows.
    """
    view, whole = wanted.view, wanted.whole
    trace, fall = layout.trace, layout.fall
    named = trace.by_id.get(wanted.span_id)
    opened = named or (fall.causes[0] if fall.causes else None)
    summed, judged = summary(trace.spans), verdict(trace)
    most = None if whole else MOST_LINES
    row_of = {row.span.span_id: number for number, row in enumerate(fall.rows)}
    found = findings(trace, around)
    linked = {span.span_id for one in found for span in one.spans}
    present = chunks(fall.rows, number_of(fall.rows, opened), whole=whole)
    return {
        "trace": trace,
        "skewed": bool(clocks_of(trace).offsets),
        "recorded": layout.recorded,
        "starts_ns": fall.ruler.start_ns,
        "recorded_length": duration(ruler_of(trace).length_ns),
        "view": view,
        "whole": whole,
        "summary": summed,
        "parts": parts([(s.name, s.spans, s.errors) for s in summed.services]),
        "verdict": judged,
        "explained": explained(found, row_of, hints),
        "causes": [one for one in judged.causes if one.span.span_id not in linked],
        "signs": SIGNS,
        "fall": fall,
        "row_of": row_of,
        "chunks": present,
        "partial": not all(piece.rows for piece in present),
        "failed": [number for number, row in enumerate(fall.rows) if row.span.failed],
        "minimap": minimap(fall.rows) if view == "timeline" else {},
        "logs": trace.logs[:most],
        "more_logs": len(trace.logs) - len(trace.logs[:most]),
        "named": named,
        "find": wanted.text,
        "found": find(trace, wanted.text),
        "opened": opened,
        "offset": offset,
        "open": of_span(trace, opened, whole=whole) if opened and view == "timeline" else {},
        **(OF_VIEW[view](layout, wanted) if view in OF_VIEW else {}),
    }


def of_table(layout: Layout, wanted: Wanted) -> dict[str, Any]:
    by = wanted.by or OPERATION
    order = wanted.order if wanted.order in ORDERS else "self"
    lines = statistics(layout.fall.rows, by, order)
    some = lines if wanted.whole else lines[:MOST_LINES]
    return {
        "lines": some,
        "more_lines": len(lines) - len(some),
        "self_ns": sum(line.self_ns for line in lines),
        "by": by,
        "order": order,
        "keys": keys_of(layout.fall.rows),
    }


def of_flame(layout: Layout, wanted: Wanted) -> dict[str, Any]:
    return {"flame": flame(layout.trace, layout.trace.by_id.get(wanted.span_id))}


def of_graph(layout: Layout, _: Wanted) -> dict[str, Any]:
    return {"graph": trace_graph(layout.trace)}


OF_VIEW: Mapping[str, Callable[[Layout, Wanted], dict[str, Any]]] = {
    "table": of_table,
    "flame": of_flame,
    "graph": of_graph,
}
VIEWS = ("timeline", "flame", "graph", "table", "logs")


def of_span(trace: Trace, span: Span, *, whole: bool = False) -> dict[str, Any]:
    """For the details of one span of the trace; unless `whole`, long ones are shortened."""
    return {
        "span": span,
        "known": details(trace, span, whole=whole),
        "self_ns": self_time(trace, span),
        "notes": tuple(notes(trace, span)),
        "took": took(span),
        "followers": [one for one in trace.followers if one.to_span_id == span.came_as.span_id],
        "how": how(trace, span),
        "starts": starts(trace, span),
        "offset": offset,
    }


def starts(trace: Trace, span: Span) -> str:
    """When a span began after the trace, by one clock; empty if it has no place on the axis."""
    odd = odd_times(trace).get(span.span_id)
    if odd and odd.misplaced and span not in placed(trace):
        return ""
    shown = aligned(trace)
    return offset(shown.by_id[span.span_id].start_ns - ruler_of(shown).start_ns)


def notes(trace: Trace, span: Span) -> Iterator[str]:
    """What is odd about how this span was recorded, each in one sentence."""
    if span in trace.orphans:
        parent = span.parent_id or ""
        who = sender(trace, parent)
        yield f"Its parent, {parent}, {arrival(trace)}: {who} should have sent it."
    for ring in trace.rings:
        if span in ring and len(ring) == 1:
            yield "It is its own parent."
        elif span in ring:
            yield f"It is in a ring of {len(ring)} spans, and so is one of its own ancestors."
    if span.sent and span.sent.span_id != span.span_id:
        came = f"It came with the id {span.sent.span_id}"
        yield f"{came}, which another span of this trace has too; here it has one of its own."
    if odd := odd_times(trace).get(span.span_id):
        yield f"It {odd.one}."
    if ahead := clocks_of(trace).ahead(span):
        far = f"{duration(abs(ahead))} {'ahead' if ahead > 0 else 'behind'}"
        yield f"Its clock is about {far}: it was recorded that much too {too(ahead)}."


def too(ahead: int) -> str:
    return "late" if ahead > 0 else "early"
