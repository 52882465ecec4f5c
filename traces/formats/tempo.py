"""Reads traces as Tempo's API answers them and Grafana downloads them: OTLP with ids in base64."""

from collections.abc import Mapping
from typing import Any

from traces.formats import otlp_json_reader
from traces.formats.decoded import Decoded
from traces.formats.fields import base64_of
from traces.model import Span

IDS = {"traceId": 16, "spanId": 8, "parentSpanId": 8}


def spans(document: Mapping[str, Any]) -> Decoded[Span]:
    """The spans of `batches`, or of the `trace` of the second version of the API."""
    groups = document.get("batches", document.get("trace"))
    if isinstance(groups, dict):
        groups = groups.get("resourceSpans", groups.get("batches"))
    return otlp_json_reader.spans({"resourceSpans": in_hex(groups)})


def in_hex(value: Any) -> Any:
    """The value with each id that is base64 in hex."""
    if isinstance(value, list):
        return [in_hex(item) for item in value]
    if isinstance(value, dict):
        return {
            key: hex_of(item, IDS[key]) if key in IDS else in_hex(item)
            for key, item in value.items()
        }
    return value


def hex_of(value: Any, length: int) -> Any:
    """An id of so many bytes; what is none stays as it is, to be rejected with its span."""
    if not isinstance(value, str) or len(value) == 2 * length:
        return value
    found = base64_of(value, length)
    return found.hex() if found else value
