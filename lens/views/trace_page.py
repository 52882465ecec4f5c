"""What the page of a trace, and the details of a span, are filled with."""

from typing import Any

from lens.views.chunks import chunks, number_of
from lens.views.details import details, offset
from lens.views.find import find
from lens.views.statistics import parts, statistics
from traces.findings import findings
from traces.layout.minimap import minimap
from traces.layout.waterfall import Waterfall, ruler_of
from traces.model import Span, Trace
from traces.summary import summary
from traces.tree import self_time
from traces.verdict import how, verdict

SIGNS = {"good": "✓", "refused": "!", "degraded": "!", "bad": "✖", "unknown": "…"}


MOST_LINES = 500


def of_trace(
    trace: Trace, fall: Waterfall, view: str, *, span_id: str, text: str, whole: bool
) -> dict[str, Any]:
    """For the whole page. Without a named span, the first cause of an error is open; unless it is
    to be `whole`, a long trace has only some of its rows.
    """
    named = trace.by_id.get(span_id)
    opened = named or (fall.causes[0] if fall.causes else None)
    summed = summary(trace.spans)
    lines = statistics(fall.rows) if view == "table" else []
    most = None if whole else MOST_LINES
    present = chunks(fall.rows, number_of(fall.rows, opened), whole=whole)
    return {
        "trace": trace,
        "view": view,
        "whole": whole,
        "summary": summed,
        "parts": parts([(s.name, s.spans, s.errors) for s in summed.services]),
        "verdict": verdict(trace),
        "findings": findings(trace),
        "signs": SIGNS,
        "fall": fall,
        "row_of": {row.span.span_id: number for number, row in enumerate(fall.rows)},
        "chunks": present,
        "partial": not all(piece.rows for piece in present),
        "failed": [number for number, row in enumerate(fall.rows) if row.span.failed],
        "minimap": minimap(fall.rows) if view == "timeline" else {},
        "lines": lines[:most],
        "self_ns": sum(line.self_ns for line in lines),
        "more_lines": len(lines) - len(lines[:most]),
        "logs": trace.logs[:most],
        "more_logs": len(trace.logs) - len(trace.logs[:most]),
        "named": named,
        "find": text,
        "found": find(trace, text),
        "opened": opened,
        "offset": offset,
        "open": of_span(trace, opened, whole=whole) if opened and view == "timeline" else {},
    }


def of_span(trace: Trace, span: Span, *, whole: bool = False) -> dict[str, Any]:
    """For the details of one span of the trace; unless `whole`, long ones are shortened."""
    return {
        "span": span,
        "known": details(trace, span, whole=whole),
        "self_ns": self_time(trace, span),
        "orphan": span in trace.orphans,
        "how": how(trace, span),
        "starts": offset(span.start_ns - ruler_of(trace).start_ns),
        "offset": offset,
    }
