"""What the page of a trace, and the details of a span, are filled with."""

from typing import Any

from lens.domain.explain import covered
from lens.domain.model import Span, Trace
from lens.domain.summary import summary
from lens.domain.tree import children_of
from lens.domain.view_details import details, offset
from lens.domain.view_find import find
from lens.domain.view_statistics import parts, statistics
from lens.domain.view_verdict import how, verdict
from lens.domain.view_waterfall import minimap, ruler_of, waterfall


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
        "verdict": verdict(trace, fall.causes, fall.path),
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
    children = children_of(trace).get(span.span_id, ())
    ids = {other.span_id for other in trace.spans}
    return {
        "span": span,
        "known": details(trace, span),
        "self_ns": span.duration_ns - covered(span, children),
        "orphan": span.parent_id is not None and span.parent_id not in ids,
        "how": how(span),
        "starts": offset(span.start_ns - ruler_of(trace).start_ns),
        "offset": offset,
    }
