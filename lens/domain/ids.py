"""Trace ids: 32 lower-case hex digits, never all zero, in whatever form a person pastes them."""

import re
from dataclasses import dataclass

HEX = re.compile(r"[0-9a-f]+")
TRACEPARENT = re.compile(r"\b[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}\b")
JAEGER = re.compile(r"\b([0-9a-f]{1,32}):([0-9a-f]{1,16}):[0-9a-f]{1,16}:[0-9a-f]{1,2}\b")
B3 = re.compile(r"\b([0-9a-f]{32}|[0-9a-f]{16})-([0-9a-f]{16})(?:-[01d])?\b")
ADDRESS = re.compile(r"/traces?/([0-9a-f]{1,32})\b(?:.*[?&]span=([0-9a-f]{16})\b)?")
BARE = re.compile(r"(?:trace-?id\W*)?\b([0-9a-f]{16,32})\b")


def trace_id(text: str) -> str | None:
    """The id in full length, from 1 to 32 hex digits in any case; None if `text` is not an id."""
    digits = text.strip().lower()
    if len(digits) > 32 or not HEX.fullmatch(digits) or not digits.strip("0"):
        return None
    return digits.zfill(32)


@dataclass(frozen=True, slots=True)
class Pasted:
    trace_id: str
    span_id: str | None = None


def pasted(text: str) -> Pasted | None:
    """The trace, and the span if one was named; None when there is no id in it."""
    text = text.strip().lower()[:2000]
    if bare := trace_id(text):
        return Pasted(bare)
    for form in (TRACEPARENT, JAEGER, B3, ADDRESS, BARE):
        if found := form.search(text):
            trace = trace_id(found[1])
            span = found[2] if form.groups > 1 else None
            if trace is not None:
                return Pasted(trace, span.zfill(16) if span else None)
    return None
