"""Tempo's JSON is read like OTLP's."""

from tests.stack.tempo import plain
from traces.formats.otlp_json import spans_of
from traces.model import Kind

SPAN = {
    "traceId": "i6W1CTRDdBHMkXjBryXp9g==",
    "spanId": "BCTOHWra4Qs=",
    "name": "GET /orders/{order_id}",
    "kind": "SPAN_KIND_SERVER",
    "startTimeUnixNano": "1",
    "endTimeUnixNano": "2",
    "status": {"code": "STATUS_CODE_ERROR"},
}


def test_ids_in_base64_and_names_of_numbers_are_understood() -> None:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "orders"}}]}
    document = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [SPAN]}]}]}

    (span,) = spans_of(plain(document))

    assert (span.service, span.kind, span.failed) == ("orders", Kind.SERVER, True)
    assert (span.span_id, span.parent_id) == ("0424ce1d6adae10b", None)
