"""What somebody wrote in YAML or JSON, read without harm: it may come from anywhere."""

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import yaml

MOST = 256 * 1024
DEEPEST, MOST_BRACKETS = 50, 2_000
LONGEST = 1_000
BRACKETS = re.compile(r"[\[\]{}]")
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the first is not built everywhere


class FaultError(ValueError):
    """Faults that cannot be used; the message is a sentence for each thing that is wrong."""


def content_of(text: str) -> Any:
    """The lists, mappings and values that the text stands for. Raises FaultError."""
    if len(text) > MOST:
        raise FaultError(f"at most {MOST // 1024} KiB are taken, not {len(text) // 1024}")
    with suppress(ValueError, RecursionError):
        return json.loads(text)
    if is_tangled(text):
        raise FaultError("so many brackets within brackets are not taken")
    try:
        check(yaml.parse(text, Loader=LOADER))
        return yaml.load(text, Loader=LOADER)  # noqa: S506  # which is a safe one
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        if isinstance(error, FaultError):
            raise
        where = getattr(error, "problem_mark", None)
        line = f" in line {where.line + 1}" if where else ""
        raise FaultError(f"this is neither YAML nor JSON: {type(error).__name__}{line}") from None


def check(events: Iterable[yaml.Event]) -> None:
    """Raises FaultError for what is short to write, and takes long to load or ends the process:
    aliases, what is nested deeply, and long values without quotes, which may be numbers.
    """
    depth = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            raise FaultError("YAML's aliases (*name) are not taken: write it out")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise FaultError(f"at most {DEEPEST} lists and mappings within one another are taken")
        if isinstance(event, yaml.ScalarEvent) and is_long(event):
            message = f"a value without quotes has at most {LONGEST:,} characters"
            raise FaultError(f"{message}, not {len(event.value):,}")


def is_long(scalar: yaml.ScalarEvent) -> bool:
    """Whether it is so, and may be other than a text: quotes alone say that it is one."""
    return len(scalar.value) > LONGEST and not scalar.implicit[1]


def is_tangled(text: str) -> bool:
    """Whether it has more brackets, or deeper ones, than are read quickly: a reader of YAML takes
    time that grows with the square of them.
    """
    depth = 0
    for bracket in BRACKETS.findall(text):
        depth = depth + 1 if bracket in "[{" else max(depth - 1, 0)
        if depth > DEEPEST:
            return True
    return text.count("[") + text.count("{") > MOST_BRACKETS
