"""Reads spans and log records out of a file, whichever tool wrote it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from traces.formats import jaeger_reader, otlp, otlp_json_reader, story, tempo, zipkin
from traces.formats.decoded import Decoded, NotKept
from traces.formats.fields import NotJson, document_of
from traces.formats.forms import Form, described, forms_of
from traces.formats.gzipped import NotGzip, TooLarge, gunzip
from traces.formats.page import BEGIN, END, is_page
from traces.model import LogLine, Span

UNBOUNDED = 2**40
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
PROTOBUF = "OTLP protobuf"
KNOWN = "OTLP as JSON or protobuf, Jaeger JSON or Zipkin v2 JSON, plain or as gzip"


M = TypeVar("M", bound=Message)
T = TypeVar("T")


class NoTraces(ValueError):
    """A file in which nothing can be read; the message says why."""


@dataclass
class Reading:
    """What a file holds; `forms` are those of its documents, in words."""

    forms: dict[str, None] = field(default_factory=dict)
    spans: Decoded[Span] = field(default_factory=Decoded)
    logs: Decoded[LogLine] = field(default_factory=Decoded)

    def add(self, other: "Reading") -> None:
        self.forms |= other.forms
        self.spans.add(other.spans)
        self.logs.add(other.logs)

    @property
    def form(self) -> str:
        return " and ".join(self.forms)

    @property
    def rejected(self) -> int:
        return self.spans.rejected + self.logs.rejected

    @property
    def explanation(self) -> str:
        return "; ".join(filter(None, (self.spans.explanation, self.logs.explanation)))


def read(content: bytes, max_bytes: int = UNBOUNDED) -> Reading:
    """Everything in a file of one document, or of one on each line, plain or as gzip.

    Raises NoTraces if there is neither a span nor a log record, or if it is larger than `max_bytes`
    when it is unpacked.
    """
    unpacked = without_gzip(content, max_bytes)
    reading = Reading()
    if is_page(unpacked):
        unpacked = data_of_page(unpacked)
    if unpacked.lstrip()[:1] in (b"{", b"[") or unpacked.startswith(b"\xef\xbb\xbf"):
        for place, document in documents(unpacked, reading):
            read_document(document, place, reading)
    else:
        read_protobuf(unpacked, reading)
    if not reading.spans.taken and not reading.logs.taken:
        raise NoTraces(reading.explanation or f"there is no span in it; {KNOWN} can be read")
    return reading


def data_of_page(content: bytes) -> bytes:
    """The JSON in a page that lens exported."""
    found = content.partition(BEGIN)[2].partition(END)[0]
    if not found:
        raise NoTraces("it is a page, and not one that lens exported")
    return found


def without_gzip(content: bytes, max_bytes: int) -> bytes:
    if content.startswith(ZSTD):
        raise NoTraces("it is compressed with zstd, which is not read here: unpack it first")
    if not content.startswith(GZIP):
        return content
    try:
        return gunzip(content, max_bytes)
    except (NotGzip, TooLarge) as error:
        raise NoTraces(str(error)) from None


def documents(content: bytes, reading: Reading) -> Iterator[tuple[str, Any]]:
    """One JSON document, or one on each line with its place; a line that is none is rejected."""
    try:
        document = document_of(content)
    except NotJson as whole:
        lines = [(n, line) for n, line in enumerate(content.splitlines(), 1) if line.strip()]
        wrong = 0
        for number, line in lines:
            try:
                yield f"line {number}", document_of(line)
            except NotJson as error:
                wrong += 1
                reading.spans.reject(NotKept("line", f"it is not JSON: {error}"), f"line {number}")
        if wrong == len(lines):
            raise NoTraces(f"it is not JSON: {whole}") from None
        return
    yield "", document


def read_document(document: Any, place: str, reading: Reading) -> None:
    """The document may be a list of documents, or in another."""
    forms = forms_of(document)
    if isinstance(document, list) and Form.ZIPKIN not in forms:
        for number, entry in enumerate(document, 1):
            read_document(entry, f"{place}{place and ', '}entry {number}", reading)
        return
    for form in forms:
        try:
            read_form(form, document, place, reading)
        except NotKept as error:
            reading.spans.reject(error, place)


def read_form(form: Form, document: Any, place: str, reading: Reading) -> None:
    if form is Form.RESULT:
        read_document(document["result"], place, reading)
    elif form is Form.LOGS:
        reading.logs.add(otlp_json_reader.log_lines(document), place)
    elif form is Form.STORY:
        read_story(document, place, reading)
    elif form in SPANS:
        reading.spans.add(SPANS[form](document), place)
    elif form is not Form.EMPTY:
        raise NotKept("document", f"this is {described(document)}; {KNOWN} can be read")
    if form not in (Form.RESULT, Form.EMPTY):
        reading.forms[form.value] = None


def read_story(document: Mapping[str, Any], place: str, reading: Reading) -> None:
    try:
        trace = story.trace_of(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotKept("document", f"this is not {Form.STORY.value}: {error!r}") from None
    reading.spans.add(Decoded(list(trace.spans)), place)
    reading.logs.add(Decoded(list(trace.logs)), place)


SPANS: Mapping[Form, Callable[[Any], Decoded[Span]]] = {
    Form.TRACES: otlp_json_reader.spans,
    Form.JAEGER: jaeger_reader.spans,
    Form.ZIPKIN: zipkin.spans,
    Form.TEMPO: tempo.spans,
}


def read_protobuf(content: bytes, reading: Reading) -> None:
    """One message, or several that each have their length before them in four bytes, as the
    Collector's file exporter writes them.
    """
    reading.forms[PROTOBUF] = None
    for message in messages(content):
        spans = parsed(ExportTraceServiceRequest, otlp.spans, message)
        logs = parsed(ExportLogsServiceRequest, otlp.log_lines, message)
        if spans is None and logs is None:
            raise NoTraces(f"it is neither JSON nor OTLP protobuf; {KNOWN} can be read")
        # Both are made of the same field numbers; of a span read as a log record no time is left.
        if logs and not (spans and spans.taken) and any(line.time_ns for line in logs.taken):
            reading.logs.add(logs)
        elif spans:
            reading.spans.add(spans)


def parsed(kind: type[M], reader: Callable[[M], Decoded[T]], message: bytes) -> Decoded[T] | None:
    try:
        return reader(kind.FromString(message))
    except DecodeError:
        return None


def messages(content: bytes) -> Iterator[bytes]:
    # No message of protobuf begins with a zero, and no such length with anything else.
    if content[:1] != b"\0":
        yield content
        return
    while content:
        size = int.from_bytes(content[:4], "big")
        message, content = content[4 : 4 + size], content[4 + size :]
        if len(message) < size:
            raise NoTraces(f"it is cut short: a message of {size} bytes has {len(message)}")
        yield message
