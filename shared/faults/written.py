"""What somebody wrote in YAML or JSON, read without harm: it may come from anywhere."""

import json
import re
from contextlib import suppress
from typing import Any

import yaml

MOST = 256 * 1024
DEEPEST, MOST_BRACKETS = 50, 2_000
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
        # Without aliases, with which a short text can say a lot.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=LOADER)):
            raise FaultError("YAML's aliases (*name) are not taken: write it out")
        return yaml.load(text, Loader=LOADER)  # noqa: S506  # which is a safe one
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        if isinstance(error, FaultError):
            raise
        where = getattr(error, "problem_mark", None)
        line = f" in line {where.line + 1}" if where else ""
        raise FaultError(f"this is neither YAML nor JSON: {type(error).__name__}{line}") from None


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
