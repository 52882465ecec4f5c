"""What a JSON document is, going by the names of its fields."""

from collections.abc import Mapping
from enum import Enum
from typing import Any


class Form(Enum):
    """The forms that can be recognised; the value says what it is, for people."""

    TRACES = "OTLP traces"
    LOGS = "OTLP logs"
    METRICS = "OTLP metrics"
    RESULT = "an answer of Jaeger's API /api/v3"
    JAEGER = "Jaeger JSON"
    ZIPKIN = "Zipkin v2 JSON"
    TEMPO = "an answer of Tempo's API"
    STORY = "an answer of lens's API /lens/api/traces"
    CONSOLE = "the output of a console exporter"
    EMPTY = "an empty document"
    OTHER = "of no form that is known here"


OTLP = {
    "resourceSpans": Form.TRACES,
    "resource_spans": Form.TRACES,
    "resourceLogs": Form.LOGS,
    "resource_logs": Form.LOGS,
    "resourceMetrics": Form.METRICS,
    "resource_metrics": Form.METRICS,
}

# The first whose fields are all there counts.
FIELDS: tuple[tuple[set[str], Form], ...] = (
    ({"result"}, Form.RESULT),
    ({"batches"}, Form.TEMPO),
    ({"trace"}, Form.TEMPO),
    ({"processes"}, Form.JAEGER),
    ({"data"}, Form.JAEGER),
    ({"traceId", "spans"}, Form.STORY),
    ({"traceId", "id"}, Form.ZIPKIN),
    ({"context"}, Form.CONSOLE),
    ({"spanContext"}, Form.CONSOLE),
)


def forms_of(document: Any) -> list[Form]:
    """The forms of a document: one, unless several signals of OTLP share it. That of a list is the
    form of what comes first in it.
    """
    if isinstance(document, list):
        return forms_of(document[0]) if document else [Form.EMPTY]
    if not isinstance(document, dict):
        return [Form.OTHER]
    found = list(dict.fromkeys(OTLP[name] for name in document if name in OTLP))
    return found or [form_of_object(document)]


def form_of_object(document: Mapping[str, Any]) -> Form:
    if not document:
        return Form.EMPTY
    return next((form for names, form in FIELDS if names <= document.keys()), Form.OTHER)


def described(document: Any) -> str:
    """What a document is, in words."""
    form = forms_of(document)[0]
    if form is not Form.OTHER or not isinstance(document, dict):
        return form.value
    names = ", ".join(sorted(map(str, document))[:5])
    return f"{form.value}: its fields are {names}"
