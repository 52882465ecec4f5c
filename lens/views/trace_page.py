"""What the page of a trace, and the details of a span, are filled with."""

from typing import Any

from lens.views.details import details, offset
from lens.views.find import find
from lens.views.statistics import parts, statistics
from traces.findings import findings
from traces.layout.waterfall import minimap, ruler_of, waterfall
from traces.model import Span, Trace
from traces.summary import summary
from traces.tree import self_time
from traces.verdict import how, verdict

SIGNS = {"good": "✓", "refused": "!", "degraded": "!", "bad": "✖", "unknown": "…"}


def of_trace(trace: Trace, view: str, span_id: str, text: str) -> dict[str, Any]:
    """For the whole page. Without a named span, the first cause of an error is open."""
    fall = waterfall(trace)
    named = next((span for span in trace.spans if span.span_id == span_id), None)
    opened = named or (fall.causes[0] if fall.causes else None)
    whole = summary(trace.spans)
    return {
        "trace": trace,
        "view": view,
        "summary": whole,
        "parts": parts([(s.name, s.spans, s.errors) for s in whole.services]),
        "verdict": verdict(trace),
        "findings": findings(trace),
        "signs": SIGNS,
        "fall": fall,
        "minimap": minimap(fall.rows),
        "lines": statistics(fall.rows) if view == "table" else [],
        "names": {span.span_id: span for span in trace.spans} if view == "logs" else {},
        "named": named,
        "find": text,
        "found": find(trace, text),
        "opened": opened,
        "offset": offset,
        "open": of_span(trace, opened) if opened and view == "timeline" else {},
    }


def of_span(trace: Trace, span: Span) -> dict[str, Any]:
    """For the details of one span of the trace."""
    return {
        "span": span,
        "known": details(trace, span),
        "self_ns": self_time(trace, span),
        "orphan": span in trace.orphans,
        "how": how(trace, span),
        "starts": offset(span.start_ns - ruler_of(trace).start_ns),
        "offset": offset,
    }
