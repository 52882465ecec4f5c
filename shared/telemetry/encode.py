"""Spans as the bytes of an OTLP ExportTraceServiceRequest, written by hand.

Building protobuf's objects only to serialise them costs more CPU than all else in a span's life.
This writes the bytes in one pass and remembers the attributes it meets again and again. Whatever it
does not know is left to the SDK's encoder, whose message it equals field by field.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans as stock
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext
from opentelemetry.util.types import Attributes

Scopes = dict[InstrumentationScope | None, list[bytes]]

REMEMBERED, SHORT = 4_096, 64
UNKNOWN = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, struct.error)

IDS = struct.Struct(">H16sH8s")
KIND_TIMES_FLAGS = struct.Struct("<BBBQBQHI")
TIME, FLAGS, DOUBLE = struct.Struct("<BQ"), struct.Struct("<BI"), struct.Struct("<Bd")
HAS_IS_REMOTE, IS_REMOTE = 0x100, 0x200
ONE_BYTE = [bytes((n,)) for n in range(128)]


def encode_spans(spans: Sequence[ReadableSpan]) -> bytes:
    """The request that carries `spans`, grouped by resource and scope in order of appearance."""
    groups: dict[Resource, Scopes] = {}
    places: dict[tuple[int, int], list[bytes]] = {}  # by identity: a resource is slow to hash
    for span in spans:
        resource, scope = span.resource, span.instrumentation_scope
        place = places.get((id(resource), id(scope)))
        if place is None:
            place = groups.setdefault(resource, {}).setdefault(scope, [])
            places[id(resource), id(scope)] = place
        try:
            place.append(span_body(span))
        except UNKNOWN:
            place.append(stock_body(span))
    return b"".join([block(b"\x0a", group_body(*group)) for group in groups.items()])


def stock_body(span: ReadableSpan) -> bytes:
    return stock([span]).resource_spans[0].scope_spans[0].spans[0].SerializeToString()


def group_body(resource: Resource, scopes: Scopes) -> bytes:
    parts = [block(b"\x0a", attributes(b"\x0a", resource.attributes))]
    for scope, bodies in scopes.items():
        named, schema = b"", b""
        if scope is not None:
            named = text(b"\x0a", scope.name) + text(b"\x12", scope.version)
            named += attributes(b"\x1a", scope.attributes)
            schema = text(b"\x1a", scope.schema_url)
        spans = b"".join([block(b"\x12", body) for body in bodies])
        parts.append(block(b"\x12", block(b"\x0a", named) + spans + schema))
    parts.append(text(b"\x1a", resource.schema_url))
    return b"".join(parts)


def span_body(span: ReadableSpan) -> bytes:
    context, parent, status = span.context, span.parent, span.status
    assert context is not None
    parts = [
        ids(context),
        KIND_TIMES_FLAGS.pack(
            *(0x30, span.kind.value + 1),
            *(0x39, span.start_time),
            *(0x41, span.end_time),
            *(0x0185, flags(parent)),
        ),
        text(b"\x2a", span.name),
        attributes(b"\x4a", span.attributes),
        block(
            b"\x7a", text(b"\x12", status.description) + number(b"\x18", status.status_code.value)
        ),
    ]
    if parent is not None:
        parts.append(b"\x22\x08" + parent.span_id.to_bytes(8, "big"))
    if context.trace_state:
        state = ",".join([f"{key}={value}" for key, value in context.trace_state.items()])
        parts.append(text(b"\x1a", state))
    if events := span.events:
        parts += [block(b"\x5a", event_body(event)) for event in events]
    if links := span.links:
        parts += [block(b"\x6a", link_body(link)) for link in links]
    parts.append(number(b"\x50", span.dropped_attributes))
    parts.append(number(b"\x60", span.dropped_events))
    parts.append(number(b"\x70", span.dropped_links))
    return b"".join(parts)


def event_body(event: Event) -> bytes:
    return (
        TIME.pack(0x09, event.timestamp)
        + text(b"\x12", event.name)
        + attributes(b"\x1a", event.attributes)
        + number(b"\x20", event.dropped_attributes)
    )


def link_body(link: Link) -> bytes:
    return (
        ids(link.context)
        + attributes(b"\x22", link.attributes)
        + number(b"\x28", link.dropped_attributes)
        + FLAGS.pack(0x35, flags(link.context))
    )


def ids(context: SpanContext) -> bytes:
    return IDS.pack(
        *(0x0A10, context.trace_id.to_bytes(16, "big")),
        *(0x1208, context.span_id.to_bytes(8, "big")),
    )


def flags(context: SpanContext | None) -> int:
    remote = context is not None and context.is_remote
    return HAS_IS_REMOTE | IS_REMOTE if remote else HAS_IS_REMOTE


def attributes(tag: bytes, found: Attributes) -> bytes:
    """Repeated KeyValue under one tag; most of them are remembered from an earlier span."""
    plain = as_dict(found)
    if not plain:
        return b""
    pieces = [
        remembered(key, value)
        if (kind := type(value)) is int or kind is bool or (kind is str and len(value) <= SHORT)
        else key_value(key, value)
        for key, value in plain.items()
    ]
    return tag + tag.join(pieces)


def as_dict(found: Attributes) -> Mapping[str, Any]:
    # Both copy in C what their own iterators would walk through in Python.
    return found.copy() if isinstance(found, MappingProxyType | BoundedAttributes) else found or {}


def key_value(key: str, value: Any) -> bytes:
    body = text(b"\x0a", key) + block(b"\x12", any_value(value))
    return varint(len(body)) + body


remembered = lru_cache(REMEMBERED, typed=True)(key_value)  # typed, or True would pass for 1


def any_value(value: Any) -> bytes:
    return ANY_VALUE[type(value)](value)


def int_value(value: int) -> bytes:
    if not -(2**63) <= value < 2**63:
        raise OverflowError(value)
    return b"\x18" + varint(value & 0xFFFF_FFFF_FFFF_FFFF)


def array_value(values: Sequence[Any]) -> bytes:
    return block(b"\x2a", b"".join([block(b"\x0a", any_value(value)) for value in values]))


ANY_VALUE: dict[type, Callable[[Any], bytes]] = {
    str: lambda value: block(b"\x0a", value.encode(errors="replace")),
    bool: lambda value: b"\x10\x01" if value else b"\x10\x00",
    int: int_value,
    float: lambda value: DOUBLE.pack(0x21, value),
    tuple: array_value,
    list: array_value,
    dict: lambda value: block(b"\x32", attributes(b"\x0a", value)),
    bytes: lambda value: block(b"\x3a", value),
    type(None): lambda _: b"",
}


# Protobuf's wire format: a message is a row of fields; a field is its tag, `number << 3 | wire
# type`, and its value. A field that holds its default is not written, unless being there means
# something.


def text(tag: bytes, value: str | None) -> bytes:
    return block(tag, value.encode(errors="replace")) if value else b""


def number(tag: bytes, value: int) -> bytes:
    return tag + varint(value) if value else b""


def block(tag: bytes, body: bytes) -> bytes:
    return tag + varint(len(body)) + body


def varint(value: int) -> bytes:
    """Seven bits a byte, lowest first; all bytes but the last have the high bit set."""
    if value < 128:
        return ONE_BYTE[value]
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)
