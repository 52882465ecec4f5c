"""Reads a scenario's YAML, and says what is wrong with it."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import ValidationError

from chaos.control_plane.domain.scenario.model import Scenario
from chaos.engine.reader import TYPES, first_wrongs, meant, sentence, steps
from chaos.engine.values import Part
from chaos.engine.written import FaultError, content_of


class ScenarioFile(Part):
    """A file with a scenario."""

    version: Literal[1] = 1
    scenario: Scenario


def read_scenario(text: str) -> Scenario:
    """The scenario of a text `scenario: {...}`. Raises FaultError, with a sentence for each thing
    that is wrong.
    """
    try:
        return ScenarioFile.model_validate(content_of(text)).scenario
    except ValidationError as error:
        raise FaultError("; ".join(map(message_of, first_wrongs(error)))) from None


def message_of(error: Mapping[str, Any]) -> str:
    """An error: where, what, and what may have been meant."""
    if error["type"] != "extra_forbidden":
        return sentence(error)
    *above, key = error["loc"]
    where = ".".join(steps(error["loc"]))
    return f'{where}: there is no key "{key}"{meant(str(key), known(above))}'


def known(path: list[str | int]) -> list[str]:
    """The keys that are possible at this place of a file."""
    found: list[type[Part]] = [ScenarioFile]
    for step in path:
        if isinstance(step, int):
            continue
        if step in TYPES:
            found = [TYPES[step]]
            continue
        fields = (field for part in found for field in named(part, step))
        found = [part for field in fields for part in parts_in(field)] or found
    return [alias or name for part in found for name, alias in aliases(part)]


def named(part: type[Part], key: str) -> Iterator[Any]:
    for name, field in part.model_fields.items():
        if key in {name, field.alias}:
            yield field.annotation


def aliases(part: type[Part]) -> Iterator[tuple[str, str | None]]:
    return ((name, field.alias) for name, field in part.model_fields.items())


def parts_in(annotation: Any) -> Iterator[type[Part]]:
    """The parts that a type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    if get_origin(annotation) is Annotated or get_args(annotation):
        for inner in get_args(annotation):
            yield from parts_in(inner)
