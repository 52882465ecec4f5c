"""How a variable's text becomes a value; each parser raises ValueError for what is not allowed."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

T = TypeVar("T")

# What can stand in a header as it is.
TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{0,200}")
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # as HTTP and baggage have it
HEADER_NAME = re.compile(r"[A-Za-z0-9_.-]+")  # what HTTP and gRPC both allow
HEADER_VALUE = re.compile(r"[\x20-\x7e]*")
# What the sender of a message must say itself.
OF_THE_SENDER = {"connection", "content-encoding", "content-length", "content-type"} | {
    *("te", "trailer", "transfer-encoding", "upgrade"),
}
# A name or an address; `*.` before a name is for all names below it, `*` alone for any.
HOST_NAME = re.compile(
    r"\*|(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?|\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]?"
)
ON, OFF = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def number(low: float, high: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = float(plain(text))
        if not low <= value <= high:
            raise ValueError(text)
        return value

    return parse


def plain(text: str) -> str:
    """The text, if it is a number as anybody writes it: Python also takes `1_000` and other
    scripts' digits.
    """
    if not text.isascii() or "_" in text:
        raise ValueError(text)
    return text


def optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """Parses a text with `parse`; an empty one is None."""
    return lambda text: parse(text) if text else None


def whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = int(plain(text))
        if not low <= value <= high:
            raise ValueError(text)
        return value

    return parse


def one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(text)
        return text.lower()

    return parse


def several_of(*words: str) -> Callable[[str], tuple[str, ...]]:
    def parse(text: str) -> tuple[str, ...]:
        chosen = tuple(part.strip().lower() for part in text.split(",") if part.strip())
        if not chosen or set(chosen) - set(words):
            raise ValueError(text)
        return chosen

    return parse


def tokens(text: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    if not all(NAME.fullmatch(name) for name in names):
        raise ValueError(text)
    return () if names == ("none",) else names


def host_names(text: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    if not all(HOST_NAME.fullmatch(name) for name in names):
        raise ValueError(text)
    return names


def switch(text: str) -> bool:
    if text.lower() not in ON | OFF:
        raise ValueError(text)
    return text.lower() in ON


def token(text: str) -> str:
    if not TOKEN.fullmatch(text):
        raise ValueError(text)
    return text


def http_url(text: str) -> str:
    return exact_http_url(text).rstrip("/")


def exact_http_url(text: str) -> str:
    """An address that is used as it is, a slash at its end included."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError(text)
    if not text.isascii() or not text.isprintable() or " " in text or parts.fragment:
        raise ValueError(text)
    parts.hostname.encode("idna")  # raises UnicodeError, a ValueError, for what no host is called
    return text


def no_or_http_url(text: str) -> str:
    return http_url(text) if text else ""


def readable(text: str) -> str:
    """The name of a file that is there and can be read."""
    try:
        with Path(text).open("rb"):
            return text
    except OSError as error:
        raise ValueError(text) from error


def certificates(text: str) -> str:
    """The name of a PEM file of certificates."""
    import ssl  # noqa: PLC0415 - seldom needed, and slow

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(readable(text))
    except ssl.SSLError as error:
        raise ValueError(text) from error
    return text


def private_key(text: str) -> str:
    """The name of a PEM file with a private key."""
    if b"PRIVATE KEY-----" not in Path(readable(text)).read_bytes():
        raise ValueError(text)
    return text


def only_true(text: str) -> bool:
    """A Boolean of OpenTelemetry: nothing but "true" is true, in any case of letters."""
    if text.lower() not in {"true", "false"}:
        raise ValueError(text)
    return text.lower() == "true"


def backend(text: str) -> str:
    """An OTLP/gRPC backend's address, or none: `tempo:4317` becomes http://tempo:4317."""
    if not text:
        return ""
    address = http_url(text if "://" in text else f"http://{text}")
    if urlsplit(address).port is None:
        raise ValueError(text)
    return address


def mongo_url(text: str) -> str:
    return address(text, "mongodb", "mongodb+srv") if text else ""


def redis_url(text: str) -> str:
    return address(text, "redis", "rediss")


def address(text: str, *schemes: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in schemes or not parts.hostname:
        raise ValueError(text)
    return text


def trace_links(text: str) -> dict[str, str]:
    """`Jaeger=http://host/trace/{trace_id}`: by name, where a trace is shown."""
    links = {name: http_url(url) for name, url in pairs(text).items()}
    if not all("{trace_id}" in url for url in links.values()):
        raise ValueError(text)
    return links


def pairs(text: str) -> dict[str, str]:
    """`a=1,b=2` as OpenTelemetry writes its lists of headers and resource attributes."""
    entries = [part.partition("=") for part in text.split(",") if part.strip()]
    if not all(key.strip() and equals for key, equals, _ in entries):
        raise ValueError(text)
    return {key.strip(): unquote(value.strip()) for key, _, value in entries}


def header_pairs(text: str) -> dict[str, str]:
    """`pairs` that can be sent as headers; names are in lower case."""
    headers = {name.lower(): value for name, value in pairs(text).items()}
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
            raise ValueError(text)
        if name in OF_THE_SENDER or name.startswith("grpc-"):
            raise ValueError(text)
    return headers
