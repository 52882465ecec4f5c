"""What a variable of the environment is, and the kinds of values that several have."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shared.readers import http_url, no_or, no_or_http_url, number, switch, whole


@dataclass(frozen=True)
class Variable:
    """A variable of the environment: its default as text, how it is read, what is allowed, what it
    is for. What is `secret` is never repeated.
    """

    name: str
    default: str
    read: Callable[[str], Any]
    allowed: str
    meaning: str
    secret: bool = False


RATE = no_or(number(0, 1)), "a number from 0 to 1 is allowed"
PORT = whole(1, 65535), "a port from 1 to 65535 is allowed"
MILLISECONDS = number(0, 60_000), "milliseconds from 0 to 60000 are allowed"
SWITCH = switch, "true or false is allowed"
URL = http_url, "an http:// or https:// address is allowed"
ENDPOINT = no_or_http_url, "an http:// or https:// address is allowed"
TEXT = str, "any text is allowed"
