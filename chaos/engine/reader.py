"""Reads faults that somebody wrote, in YAML or JSON, and says what is wrong with them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any, Literal, get_args

from pydantic import ValidationError

from chaos.engine.effect import Effect
from chaos.engine.model import HITS, Fault, Match, Ramp, Where
from chaos.engine.values import LONGEST, UNITS, Part, in_seconds
from chaos.engine.written import FaultError, content_of

__all__ = [
    "FaultError",
    "Faultlist",
    "content_of",
    "first_wrongs",
    "meant",
    "read_faults",
    "sentence",
    "steps",
]

MOST_WRONG = 50
NUMBERED = re.compile(r"faults\.(\d+)")
AN_ID = re.compile(r"\[a-z\]\[a-z0-9-\]\{1,(\d+)\}")

TYPES: dict[str, type[Part]] = {
    kind.model_fields["type"].default: kind for kind in get_args(get_args(Effect)[0])
}


class Faultlist(Part):
    """A file of faults."""

    version: Literal[1] = 1
    faults: tuple[Fault, ...]


NOT_A_NUMBER = {"float_parsing", "float_type", "int_parsing", "int_type", "finite_number"}
BOUNDS = {
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
}
PARTS: tuple[type[Part], ...] = (Fault, Ramp, *TYPES.values())
# The fields that take a text such as 10m, by their names.
DURATIONS = {
    name
    for kind in PARTS
    for name, field in kind.model_fields.items()
    if in_seconds.__name__ in repr(field)
}
KNOWN: dict[str, type[Part]] = {"where": Where, "match": Match, "ramp": Ramp, **TYPES}


def read_faults(text: str) -> tuple[Fault, ...]:
    """The faults of a text `faults: [...]`. Raises FaultError."""
    content = content_of(text)
    try:
        faults = Faultlist.model_validate(content).faults
    except ValidationError as error:
        wrong = (named(sentence(one), content) for one in first_wrongs(error))
        raise FaultError("; ".join(wrong)) from None
    ids = [fault.id for fault in faults]
    if twice := next((id_ for id_ in ids if ids.count(id_) > 1), None):
        raise FaultError(f"faults: the id {twice} is there twice")
    return faults


def named(said: str, content: Any) -> str:
    """A sentence about a fault of this list, by the fault's id instead of its number."""
    found = NUMBERED.match(said)
    with suppress(KeyError, IndexError, TypeError):
        if found and isinstance(id_ := content["faults"][int(found[1])]["id"], str):
            return f"{id_}{said[found.end() :]}"
    return said


def first_wrongs(error: ValidationError) -> Sequence[Mapping[str, Any]]:
    """What is wrong, as far as somebody would read it: to say it of all may take seconds."""
    return error.errors()[:MOST_WRONG]


def sentence(error: Mapping[str, Any]) -> str:
    """What is wrong, where, and what may have been meant."""
    path = ".".join(steps(error["loc"])) or "the text"
    if error["type"] == "extra_forbidden":
        *above, key = error["loc"]
        return f'{path}: there is no key "{key}"{meant(str(key), known_in(above))}'
    message = plainly(error) or error["msg"].removeprefix("Value error, ")
    return f"{path}: {message[0].lower()}{message[1:]}{hint(error)}"


def plainly(error: Mapping[str, Any]) -> str:
    """What is taken, where pydantic would speak of classes, tags and regular expressions."""
    describe = PLAINLY.get(error["type"])
    return describe(error) if describe else of_pattern(error)


def no_mapping(error: Mapping[str, Any]) -> str:
    ours = error["ctx"].get("class_name") == Faultlist.__name__ if "ctx" in error else False
    like = ", as in `faults: [...]`" if ours else ""
    return f"keys with values are taken{like}, not {kind_of(error['input'])}"


def no_type(error: Mapping[str, Any]) -> str:
    if tag := error.get("ctx", {}).get("tag"):
        return f"there is no effect of the type {tag}: there are {', '.join(TYPES)}"
    return f"its type is missing: {', '.join(TYPES)}"


def no_number(error: Mapping[str, Any]) -> str:
    duration = str(error["loc"][-1]) in DURATIONS
    return f"{error['input']} is no {'duration, such as 90s, 10m or 1h' if duration else 'number'}"


def out_of_bounds(error: Mapping[str, Any]) -> str:
    key, words = BOUNDS[error["type"]]
    bound = error["ctx"][key]
    if bound == LONGEST:
        return f"{words} {LONGEST / UNITS['h']:g}h is taken"
    return f"{words} {bound:g} is taken, not {error['input']}"


def none_of_these(error: Mapping[str, Any]) -> str:
    expected = error["ctx"]["expected"].replace("'", "")
    return f"{expected} is taken, not {error['input']}"


PLAINLY: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: "it is missing",
    "bool_parsing": lambda error: f"true or false is taken, not {error['input']}",
    "literal_error": none_of_these,
    **dict.fromkeys(("model_type", "model_attributes_type"), no_mapping),
    **dict.fromkeys(("union_tag_not_found", "union_tag_invalid"), no_type),
    **dict.fromkeys(NOT_A_NUMBER, no_number),
    **dict.fromkeys(BOUNDS, out_of_bounds),
}


def of_pattern(error: Mapping[str, Any]) -> str:
    """What a value has to look like, in words; "" where nobody has said it in words."""
    pattern = str(error.get("ctx", {}).get("pattern"))
    if pattern == HITS:
        return f'hits are "1,3,5", "every 4" or "first 3", not {error["input"]}'
    if found := AN_ID.search(pattern):
        return f"an id begins with a letter and has 2 to {int(found[1]) + 1} of a-z, 0-9 and -"
    return ""


def kind_of(value: object) -> str:
    if value is None:
        return "nothing"
    return {list: "a list", str: "a text", bool: "a truth value"}.get(type(value), "a number")


def steps(loc: tuple[str | int, ...]) -> Iterator[str]:
    """The path as it was written: pydantic puts the type of an effect in between."""
    for before, step in zip(("", *loc), loc, strict=False):
        if not (before == "effect" and step in TYPES):
            yield str(step)


def known_in(above: list[str | int]) -> list[str]:
    if not above:
        return list(Faultlist.model_fields)
    last = above[-1]
    kind = Fault if isinstance(last, int) else KNOWN.get(last)
    return list(kind.model_fields) if kind else []


def hint(error: Mapping[str, Any]) -> str:
    """What may have been meant by a value."""
    value = error.get("input")
    if error["loc"][-1:] == ("rate",) and isinstance(value, int | float) and 1 < value <= 100:
        return f"; did you mean {value / 100:g} ({value:g} %)?"
    if error["type"] == "union_tag_invalid" and isinstance(value, dict):
        return meant(str(value.get("type")), list(TYPES))
    if error["type"] == "literal_error" and isinstance(value, str):
        return meant(value, [word.strip("' ") for word in words_of(error["ctx"]["expected"])])
    return ""


def words_of(expected: str) -> list[str]:
    return expected.replace(" or ", ", ").split(",")


def meant(given: str, known: Sequence[str]) -> str:
    near = get_close_matches(given, known, 1, 0.5)
    return f'; did you mean "{near[0]}"?' if near else ""
