"""The three signals of OTLP: how the body of a request is read, whatever brought it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces

from lens.routes.answers import Refused
from lens.store.intake import Intake, Receipt
from traces.formats import otlp, otlp_json_reader, otlp_salvage
from traces.formats.decoded import Decoded, NotKept, TooMany
from traces.formats.fields import NotJson, document_of, kind_of
from traces.formats.forms import Form, described, forms_of

MAX_ENTRIES = 32_768
PROTOBUF, JSON = "application/x-protobuf", "application/json"
IMPORT = "import it as a file, on lens's page /import"
BELONGS = {
    Form.TRACES: "send it to /v1/traces",
    Form.LOGS: "send it to /v1/logs",
    Form.METRICS: "send it to /v1/metrics",
    Form.ZIPKIN: "send it to /api/v2/spans",
    Form.RESULT: IMPORT,
    Form.JAEGER: IMPORT,
    Form.TEMPO: IMPORT,
    Form.STORY: IMPORT,
    Form.CONSOLE: "send spans with an OTLP exporter instead",
}

M = TypeVar("M", bound=Message)
T = TypeVar("T")


@dataclass(frozen=True)
class Signal:
    """`take` reads a body, which is of one of the two media types, and answers the receipt; it
    raises Refused for a body that cannot be read, Full while the queue is full. `rejected` is the
    field of the response's `partial_success` with the count.
    """

    path: str
    response: type[Message]
    rejected: str
    take: Callable[[bytes, str, str], Receipt]

    def answer(self, receipt: Receipt) -> Message:
        """The message that tells the sender what was not taken."""
        if not receipt.rejected and not receipt.message:
            return self.response()
        partial = {self.rejected: receipt.rejected, "error_message": receipt.message}
        return self.response(partial_success=partial)


def signals(intake: Intake) -> tuple[Signal, ...]:
    """Traces, logs and metrics; the last argument of their `take` is the source as it is counted,
    such as `OTLP/HTTP JSON`.
    """

    def take_spans(body: bytes, media: str, source: str) -> Receipt:
        if media == JSON:
            decoded = read_document(otlp_json_reader.spans, body, Form.TRACES)
        else:
            decoded = read_message(otlp.spans, body, otlp_salvage.TRACES)
        return intake.spans(decoded, len(body), source)

    def take_logs(body: bytes, media: str, source: str) -> Receipt:
        if media == JSON:
            decoded = read_document(otlp_json_reader.log_lines, body, Form.LOGS)
        else:
            decoded = read_message(otlp.log_lines, body, otlp_salvage.LOGS)
        return intake.logs(decoded, len(body), source)

    def count_metrics(body: bytes, media: str, source: str) -> Receipt:
        if media == JSON:
            document, _ = document_with(Form.METRICS, body)
            points = read(otlp_json_reader.data_points, document)
            exemplars = read(otlp_json_reader.exemplars, document)
        else:
            message = message_of(metrics.ExportMetricsServiceRequest, body)
            points, exemplars = otlp.data_points(message), otlp.exemplars(message)
        return intake.metrics(points, exemplars, source)

    return (
        Signal("/v1/traces", traces.ExportTraceServiceResponse, "rejected_spans", take_spans),
        Signal("/v1/logs", logs.ExportLogsServiceResponse, "rejected_log_records", take_logs),
        Signal(
            "/v1/metrics",
            metrics.ExportMetricsServiceResponse,
            "rejected_data_points",
            count_metrics,
        ),
    )


def document_with(wanted: Form, body: bytes) -> tuple[dict[str, Any], list[str]]:
    """The document, which is of the wanted form or empty, and what else it holds, in sentences."""
    try:
        document = document_of(body)
    except NotJson as error:
        raise Refused(400, f"the body is not JSON: {error}") from None
    forms = forms_of(document)
    if wanted not in forms and forms != [Form.EMPTY]:
        what, where = described(document), BELONGS.get(forms[0], "")
        raise Refused(400, f"this is {what}, not {wanted.value}{where and f': {where}'}")
    if not isinstance(document, dict):
        raise Refused(400, f"the body is {kind_of(document)}, not an object")
    others = [form for form in forms if form not in (wanted, Form.EMPTY)]
    return document, [f"{form.value} in it are left out: {BELONGS[form]}" for form in others]


def read(reader: Callable[..., T], *given: Any) -> T:
    try:
        return reader(*given)
    except NotKept as error:
        raise Refused(400, f"the body is not OTLP: {error}") from None
    except TooMany as error:
        raise Refused(413, str(error)) from None


def read_document(
    reader: Callable[[dict[str, Any], int], Decoded[T]], body: bytes, wanted: Form
) -> Decoded[T]:
    """The entries of a JSON document of the wanted form."""
    document, notes = document_with(wanted, body)
    decoded = read(reader, document, MAX_ENTRIES)
    decoded.notes += notes
    return decoded


def read_message(
    reader: Callable[[Any, int], Decoded[T]], body: bytes, kinds: Sequence[type[Message]]
) -> Decoded[T]:
    """The entries of a request, of which `kinds` are the messages from the outermost on; one that
    does not parse is rejected alone.
    """
    try:
        return read(reader, kinds[0].FromString(body), MAX_ENTRIES)
    except DecodeError as error:
        try:
            saved, reason, lost = otlp_salvage.salvaged(body, kinds)
        except DecodeError:
            raise Refused(400, f"the body is not the protobuf of OTLP: {error}") from None
    decoded = read(reader, kinds[0].FromString(saved), MAX_ENTRIES)
    decoded.reject(reason, entries=lost)
    return decoded


def message_of(message: type[M], body: bytes) -> M:
    try:
        return message.FromString(body)
    except DecodeError as error:
        raise Refused(400, f"the body is not the protobuf of OTLP: {error}") from None
