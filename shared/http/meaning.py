"""What another service's answer means: the value it stands for, or the error."""

import json
from collections.abc import Callable, Hashable
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from shared.errors import REFUSALS, ShopError, UpstreamError

T = TypeVar("T")
Parser = Callable[[bytes], T]


def parser_of(answer: type[T]) -> Parser[T]:
    """Parses the JSON of an `answer`: a pydantic model, a dataclass, `list[str]`, ..."""
    parser: Parser[T] = cached_parser(cast("Hashable", answer))
    return parser


@cache
def cached_parser(answer: Any) -> Parser[Any]:
    return TypeAdapter(answer).validate_json


def parsed(peer: str, status: int, body: bytes, parse: Parser[T]) -> T:
    """The value of a success; raises UpstreamError for one of another shape."""
    try:
        return parse(body)
    except ValidationError as error:
        problem = first_problem(error)
        # Without its cause, which repeats the body: that may hold a token.
        raise UpstreamError(f"{peer} answered {status} in an unknown shape: {problem}") from None


def first_problem(error: ValidationError) -> str:
    """What is wrong, and where; never the value."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else first["msg"]


def meaning_of(peer: str, status: int, body: bytes) -> ShopError:
    """The error to raise for an answer that is no success; a client error keeps its `detail`."""
    meaning, detail, plainly = REFUSALS.get(status), detail_of(body), f"{peer} answered {status}"
    if meaning is not None:
        return meaning(detail or plainly)
    return UpstreamError(plainly, status, detail)


def detail_of(body: bytes) -> str:
    """The `detail` of a JSON error body; empty when the body is something else."""
    try:
        content = json.loads(body)
    except ValueError:
        return ""
    return str(content.get("detail", "")) if isinstance(content, dict) else ""
