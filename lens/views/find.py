"""Finding spans of a trace by text, as Jaeger's `uiFind` does."""

from lens.views.details import written
from traces.model import Span, Trace

LONGEST = 200


def find(trace: Trace, text: str) -> frozenset[str]:
    """Keys of the spans with every word of `text` in a name, id, attribute, event or log line."""
    words = text.casefold()[:LONGEST].split()
    if not words:
        return frozenset()
    lines: dict[str, list[str]] = {}
    for line in trace.logs:
        if line.span_id:
            lines.setdefault(line.span_id, []).append(line.body)
    found = (
        span.span_id
        for span in trace.spans
        if all(word in searchable(span, lines.get(span.span_id, [])) for word in words)
    )
    return frozenset(found)


def searchable(span: Span, logs: list[str]) -> str:
    attributes = [f"{key}={written(value)}" for key, value in span.attributes.items()]
    for event in span.events:
        attributes.append(event.name)
        attributes.extend(f"{key}={written(value)}" for key, value in event.attributes.items())
    texts = [span.service, span.name, span.span_id, span.status_message, *attributes, *logs]
    return "\n".join(texts).casefold()
