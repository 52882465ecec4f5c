"""The fields of JSON that somebody else wrote: each is read as what it has to be, or is NotKept."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from traces.formats.decoded import NotKept

LATEST = 2**63 - 1
MOST_SHOWN = 60
ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
HEX = re.compile(r"[0-9a-fA-F]+")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
NAMES: dict[type, str] = {
    str: "a string",
    bool: "a boolean",
    list: "an array",
    dict: "an object",
    type(None): "null",
}

T = TypeVar("T")


class NotJson(ValueError):
    """Bytes that are no JSON; the message says where they stop being it."""


class LoneSurrogate:
    """Stands in a document for a string with half of a character, which nothing can store."""


def document_of(body: bytes) -> Any:
    """The document in these bytes, a LoneSurrogate in place of each such string."""
    try:
        text = body.decode("utf-8-sig")
        document = json.loads(text)
        return without_surrogates(document) if ESCAPED_SURROGATE.search(text) else document
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None


def without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value if is_text(value) else LoneSurrogate()
    if isinstance(value, list):
        return [without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {key: without_surrogates(item) for key, item in value.items() if is_text(key)}
    return value


def is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(value: Any) -> str:
    """A value as a message repeats it."""
    if isinstance(value, LoneSurrogate):
        return "half of a character (a lone surrogate)"
    whole = json.dumps(value, default=str)
    return whole if len(whole) <= MOST_SHOWN else f"{whole[:MOST_SHOWN]}…"


def kind_of(value: Any) -> str:
    """What a value is in JSON, as in `an array`."""
    return NAMES.get(type(value), "a number")


def text(value: Any, field: str) -> str:
    """A string; absent it is empty."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    raise NotKept("text", f"{field} is {shown(value)}, not a string")


def whole(value: Any, field: str, low: int = 0, high: int = LATEST, what: str = "number") -> int:
    """A whole number within limits, as a number or a string of digits; absent it is 0."""
    if value is None:
        return 0
    number = value
    if isinstance(value, str):
        try:
            number = int(value)
        except ValueError:
            number = None
    elif isinstance(value, float):
        number = int(value) if value.is_integer() else None
    if isinstance(number, bool) or not isinstance(number, int):
        raise NotKept(what, f"{field} is {shown(value)}, not a whole number")
    if not low <= number <= high:
        raise NotKept(what, f"{field} is {shown(value)}, not within {low} and {high}")
    return number


def time(value: Any, field: str) -> int:
    """Nanoseconds since the epoch; absent they are 0."""
    number = whole(value, field, 0, 2**64 - 1, "time")
    if number > LATEST:
        raise NotKept("time", f"{field} {number} is after the year 2262")
    return number


def real(value: Any, field: str) -> float:
    """A number, also as a string such as `NaN` or `-Infinity`."""
    if not isinstance(value, bool) and isinstance(value, int | float | str):
        try:
            return float(value)
        except (ValueError, OverflowError):
            pass
    raise NotKept("attribute", f"{field} is {shown(value)}, not a number")


def packed(value: Any, field: str) -> bytes:
    """Bytes in base64, in either alphabet, padded or not."""
    plain = text(value, field).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError:
        raise NotKept("attribute", f"{field} is {shown(value)}, not base64") from None


def members(value: Any, field: str) -> Mapping[str, Any]:
    """An object; absent it is empty."""
    if type(value) is dict:
        return value
    if value is None:
        return {}
    raise NotKept("shape", f"{field} is {shown(value)}, not an object")


def items(value: Any, field: str) -> list[Any]:
    """An array; absent it is empty."""
    if type(value) is list:
        return value
    if value is None:
        return []
    raise NotKept("shape", f"{field} is {shown(value)}, not an array")


def one_of(value: Any, names: Mapping[str, T], numbers: tuple[T, ...], field: str) -> T:
    """An entry of an enumeration by number, where unknown ones are the first, or by name."""
    if value is None:
        return numbers[0]
    if isinstance(value, str) and not value.isdecimal():
        found = names.get(value.strip().upper())
        if found is None:
            known = ", ".join(dict.fromkeys(names))
            raise NotKept(field, f"{field} is {shown(value)}, which is none of {known}")
        return found
    number = whole(value, field, -(2**31), 2**31 - 1, field)
    return numbers[number] if 0 <= number < len(numbers) else numbers[0]


def hex_id(value: Any, digits: int, field: str, what: str) -> str:
    """An id of exactly so many hex digits, in lower case; not all zero."""
    if type(value) is str and len(value) == digits and HEX.fullmatch(value) and value.strip("0"):
        return value.lower()
    raise NotKept(what, f"{field} {wrong_id(value, digits)}")


def padded_id(value: Any, digits: int, field: str, what: str) -> str:
    """An id of at most so many hex digits, filled up with zeros; not all zero."""
    if isinstance(value, str) and 0 < len(value) < digits and HEX.fullmatch(value):
        value = value.zfill(digits)
    return hex_id(value, digits, field, what)


def hex_id_or_none(value: Any, digits: int, field: str, what: str) -> str | None:
    """An id that may be absent, empty or all zero, which is none."""
    if value is None or (isinstance(value, str) and not value.strip("0")):
        return None
    return hex_id(value, digits, field, what)


def wrong_id(value: Any, digits: int) -> str:
    """What is wrong with an id, and the form that is wanted."""
    wanted = f"{digits} hex digits are wanted"
    if value is None or value == "":
        return f"is missing: {wanted}"
    if not isinstance(value, str):
        return f"is {shown(value)}, {kind_of(value)}: {wanted}, as a string"
    return f"{shown(value)} {other_form(value, digits, wanted)}"


def other_form(value: str, digits: int, wanted: str) -> str:
    """Which form of an id this is, as far as it is one that programs write by mistake."""
    if not value.strip("0"):
        found = f"is all zero, which is no id: {wanted}"
    elif value[:2] in {"0x", "0X"}:
        found = f"begins with 0x: {wanted} without it{for_example(value[2:], digits)}"
    elif UUID.fullmatch(value):
        found = f"is a UUID: {wanted} without dashes{for_example(value.replace('-', ''), digits)}"
    elif HEX.fullmatch(value):
        found = f"has {len(value)} hex digits: {wanted}"
    elif decoded := base64_of(value, digits // 2):
        found = f"is base64: {wanted}, which are {decoded.hex()}"
    else:
        found = f"is not hex: {wanted}"
    return found


def for_example(text: str, digits: int) -> str:
    fits = len(text) == digits and HEX.fullmatch(text)
    return f", which are {text.lower()}" if fits else ""


def base64_of(value: str, length: int) -> bytes | None:
    """The bytes in a base64 text, if they are of this length."""
    try:
        found = packed(value, "")
    except (NotKept, binascii.Error):
        return None
    return found if len(found) == length else None
