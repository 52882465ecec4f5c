"""Saves what can be saved of a protobuf request of OTLP that does not parse as a whole.

A string that is no UTF-8 makes protobuf refuse the whole message. The requests for traces and for
logs are built alike: resources, in them scopes, in them entries. They are taken apart along the
wire format, and put together again without the parts that do not parse.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from traces.formats.decoded import NotKept

TRACES = (
    ExportTraceServiceRequest,
    trace_pb2.ResourceSpans,
    trace_pb2.ScopeSpans,
    trace_pb2.Span,
)
LOGS = (
    ExportLogsServiceRequest,
    logs_pb2.ResourceLogs,
    logs_pb2.ScopeLogs,
    logs_pb2.LogRecord,
)
# The field of each of these messages that holds the next.
INNER = (1, 2, 2)
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
LENGTHS = {FIXED64: 8, FIXED32: 4}
LONGEST_VARINT = 10


@dataclass(frozen=True)
class Saved:
    """The bytes of a message without what does not parse, and how many entries it has and lost."""

    content: bytes
    kept: int = 0
    lost: int = 0
    reason: str = ""


def salvaged(body: bytes, kinds: Sequence[type[Message]]) -> tuple[bytes, NotKept, int]:
    """The request without the entries that do not parse, why the first does not, and their number.
    Raises DecodeError if none is left.
    """
    saved = mended(body, kinds, INNER)
    if not saved.kept:
        raise DecodeError(saved.reason or "there is no entry in it")
    message = f"its bytes are not those of a {kinds[-1].DESCRIPTOR.name}: {saved.reason}"
    return saved.content, NotKept("protobuf", message), saved.lost


def mended(raw: bytes, kinds: Sequence[type[Message]], inner: Sequence[int]) -> Saved:
    kind = kinds[0]
    if not inner:
        reason = trouble(kind, raw)
        return Saved(b"", lost=1, reason=reason) if reason else Saved(raw, kept=1)
    own, parts = bytearray(), []
    try:
        for number, content, field in fields(raw):
            if number == inner[0]:
                parts.append(mended(content, kinds[1:], inner[1:]))
            else:
                own += field
    except DecodeError as error:
        return Saved(b"", lost=1, reason=str(error))
    kept, lost = sum(part.kept for part in parts), sum(part.lost for part in parts)
    if reason := trouble(kind, bytes(own)):
        return Saved(b"", lost=max(1, kept + lost), reason=reason)
    for part in parts:
        if part.kept:
            own += varint(inner[0] << 3 | BYTES) + varint(len(part.content)) + part.content
    return Saved(bytes(own), kept, lost, next((p.reason for p in parts if p.reason), ""))


def trouble(kind: type[Message], raw: bytes) -> str:
    """Why these bytes are no such message; empty if they are."""
    try:
        kind.FromString(raw)
    except DecodeError as error:
        return str(error).rpartition(": ")[2]
    return ""


def fields(raw: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Number, content and whole bytes of each field. Raises DecodeError where there is none."""
    at = 0
    while at < len(raw):
        start = at
        tag, at = read_varint(raw, at)
        length = LENGTHS.get(tag & 7, 0)
        if tag & 7 == VARINT:
            _, at = read_varint(raw, at)
        elif tag & 7 == BYTES:
            length, at = read_varint(raw, at)
        elif not length:
            raise DecodeError(f"{tag & 7} is no wire type of protobuf")
        end = at + length
        if end > len(raw):
            raise DecodeError("it is cut short")
        yield tag >> 3, raw[at:end], raw[start:end]
        at = end


def read_varint(raw: bytes, at: int) -> tuple[int, int]:
    """The number at this place, and the place after it."""
    value = 0
    for count, byte in enumerate(raw[at : at + LONGEST_VARINT]):
        value |= (byte & 0x7F) << 7 * count
        if byte < 0x80:
            return value, at + count + 1
    raise DecodeError("a number is cut short")


def varint(value: int) -> bytes:
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*found, value))
