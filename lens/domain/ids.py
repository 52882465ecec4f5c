"""Trace and span ids: 32 and 16 lower-case hex digits, never all zero."""

import re

HEX = re.compile(r"[0-9a-f]+")


def trace_id(text: str) -> str | None:
    """The id in full length, from 1 to 32 hex digits in any case; None if `text` is not an id."""
    digits = text.strip().lower()
    if len(digits) > 32 or not HEX.fullmatch(digits) or not digits.strip("0"):
        return None
    return digits.zfill(32)
