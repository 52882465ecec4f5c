"""Reads faults that somebody wrote, in YAML or JSON, and says what is wrong with them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Literal, get_args

from pydantic import ValidationError

from chaos.engine.effect import Effect
from chaos.engine.model import Fault, Match, Ramp, Where
from chaos.engine.values import LONGEST, UNITS, Part
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
AN_ID = re.compile(r"\[a-z\]\[a-z0-9-\]\{1,(\d+)\}")

TYPES: dict[str, type[Part]] = {
    kind.model_fields["type"].default: kind for kind in get_args(get_args(Effect)[0])
}


class Faultlist(Part):
    """A file of faults."""

    version: Literal[1] = 1
    faults: tuple[Fault, ...]


KNOWN: dict[str, type[Part]] = {"where": Where, "match": Match, "ramp": Ramp, **TYPES}


def read_faults(text: str) -> tuple[Fault, ...]:
    """The faults of a text `faults: [...]`. Raises FaultError."""
    try:
        faults = Faultlist.model_validate(content_of(text)).faults
    except ValidationError as error:
        raise FaultError("; ".join(map(sentence, first_wrongs(error)))) from None
    ids = [fault.id for fault in faults]
    if twice := next((id_ for id_ in ids if ids.count(id_) > 1), None):
        raise FaultError(f"faults: the id {twice} is there twice")
    return faults


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
    """What is taken, where pydantic would speak of classes, seconds and regular expressions."""
    context = error.get("ctx", {})
    if error["type"] == "model_type":
        like = ", as in `faults: [...]`" if context["class_name"] == Faultlist.__name__ else ""
        return f"keys with values are taken{like}, not {kind_of(error['input'])}"
    if error["type"] == "less_than_equal" and context["le"] == LONGEST:
        return f"at most {LONGEST / UNITS['h']:g}h is taken"
    if found := AN_ID.search(str(context.get("pattern"))):
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
