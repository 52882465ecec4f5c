"""The kinds of values that variables have: how the text of each is parsed, and what is allowed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from shared.settings.parsers import (
    backend,
    host_names,
    http_url,
    mongo_url,
    no_or_http_url,
    number,
    only_true,
    optional,
    pairs,
    redis_url,
    switch,
    token,
    trace_links,
    whole,
)


@dataclass(frozen=True)
class Text:
    """Metadata of a field that is read from a variable.

    `parse` turns text into the value, and raises ValueError for what is not allowed; a value that
    is no text is taken as it is. `allowed` ends the message about a value that cannot be used.
    """

    parse: Callable[[str], Any]
    allowed: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.value, handler(source))

    def value(self, given: Any) -> Any:
        return self.parse(given) if isinstance(given, str) else given


@dataclass(frozen=True)
class Prefix:
    """Metadata of a field that is a group of variables: how their names begin, and `what` they are
    about, which stands for `{what}` in their meanings.
    """

    text: str
    what: str


@dataclass(frozen=True)
class PerService:
    """Metadata of a field that is read from one variable for each of several services, as in
    `ORDERS_URL`, `CART_URL`; its value maps the services' names to theirs.

    `defaults` has the text of each service's default, and `meaning` a place for its name.
    """

    suffix: str
    allowed: str
    meaning: str
    defaults: Callable[[], dict[str, str]]

    def variable(self, service: str) -> str:
        return f"{service.upper()}_{self.suffix}"


def variable(
    default: str | Callable[..., Any], meaning: str, *, name: str = "", secret: bool = False
) -> Any:
    """A field that is read from the variable `name`, or else by the prefix of its class.

    `default` is the text the environment would have, or what makes it out of the fields before.
    """
    alias, shown = name or None, not secret
    if callable(default):
        return Field(
            default_factory=default, validation_alias=alias, description=meaning, repr=shown
        )
    return Field(default, validation_alias=alias, description=meaning, repr=shown)


def thousandths(low: float, high: float) -> Callable[[str], float]:
    """Parses milliseconds into seconds."""
    parse = number(low, high)
    return lambda text: parse(text) / 1000


def listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]} is allowed"


ADDRESS = "an http:// or https:// address is allowed"
TOKEN = "letters, digits and ._~+/=- are allowed, 200 of them at most"  # noqa: S105 - no token

AnyText = Annotated[str, Text(str, "any text is allowed")]
Folder = Annotated[Path, Text(Path, "any text is allowed")]
Flag = Annotated[bool, Text(switch, "true or false is allowed")]
Port = Annotated[int, Text(whole(1, 65535), "a port from 1 to 65535 is allowed")]
Rate = Annotated[float | None, Text(optional(number(0, 1)), "a number from 0 to 1 is allowed")]
Delay = Annotated[float, Text(number(0, 60_000), "milliseconds from 0 to 60000 are allowed")]
Milliseconds = Annotated[  # given in milliseconds, read in seconds
    float, Text(thousandths(1, 600_000), "milliseconds from 1 to 600000 are allowed")
]
Seconds = Annotated[float, Text(number(0.1, 3600), "seconds from 0.1 to 3600 are allowed")]
Secret = Annotated[str, Text(token, TOKEN)]
HttpUrl = Annotated[str, Text(http_url, ADDRESS)]
Endpoint = Annotated[str, Text(no_or_http_url, ADDRESS)]
OtelFlag = Annotated[bool, Text(only_true, "true or false is allowed")]
HostNames = Annotated[
    tuple[str, ...],
    Text(host_names, "a list of names and addresses without ports is allowed"),
]
Pairs = Annotated[Mapping[str, str], Text(pairs, "a list like key=value,key=value is allowed")]
MongoUrl = Annotated[str, Text(mongo_url, "a mongodb:// or mongodb+srv:// address is allowed")]
RedisUrl = Annotated[str, Text(redis_url, "a redis:// or rediss:// address is allowed")]
TraceLinks = Annotated[
    Mapping[str, str],
    Text(trace_links, "a list like Jaeger=http://host:16686/trace/{trace_id} is allowed"),
]
Backend = Annotated[str, Text(backend, "host:port is allowed")]
