"""OTLP as JSON: protobuf's JSON form, except that ids are hex."""

import base64
import binascii
import json
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from lens.routes.otlp_body import Refused

IDS = {"traceId", "trace_id", "spanId", "span_id", "parentSpanId", "parent_span_id"}
MAX_DEPTH = 100

M = TypeVar("M", bound=Message)


def parse_json(body: bytes, message: M) -> M:
    """`message`, filled from the JSON; unknown fields are ignored. Refused if it is no OTLP."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"the body is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise Refused(400, f"the body is a JSON {type(document).__name__}, not an object")
    try:
        with_base64_ids = in_base64(document, MAX_DEPTH)
        return json_format.ParseDict(with_base64_ids, message, ignore_unknown_fields=True)
    except (json_format.ParseError, ValueError, TypeError, AttributeError) as error:
        raise Refused(400, f"the body is not OTLP: {error}") from None


def in_base64(value: Any, depth: int) -> Any:
    """The document with its hex ids in base64, which is what protobuf reads bytes from."""
    if depth == 0:
        raise Refused(400, f"the body is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, list):
        return [in_base64(item, depth - 1) for item in value]
    if isinstance(value, dict):
        return {
            key: id_in_base64(key, item) if key in IDS else in_base64(item, depth - 1)
            for key, item in value.items()
        }
    return value


def id_in_base64(key: str, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise Refused(400, f"{key} is a JSON {type(value).__name__}, not a string of hex digits")
    try:
        return base64.b64encode(binascii.unhexlify(value)).decode()
    except ValueError:
        # Not an id. As one byte it is of no valid length, so that only this span is rejected.
        return base64.b64encode(b"?").decode()
