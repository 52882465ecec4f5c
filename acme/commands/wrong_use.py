"""What is said about a value on the command line that cannot be used: with the value, and with what
is allowed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from typer import BadParameter
from typer.core import TyperGroup

from acme.terminal import did_you_mean

if TYPE_CHECKING:
    from pydantic import ValidationError

KINDS = {int: "a whole number", float: "a number"}


class Commands(TyperGroup):
    """The commands of `acme`; Typer's own messages are those of its validation library, and name
    neither the value nor the whole range.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        with plain_words():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        with plain_words():
            return super().invoke(ctx)


@contextmanager
def plain_words() -> Iterator[None]:
    try:
        yield
    except BadParameter as error:
        from pydantic import ValidationError  # slow to import, and needed for nothing else

        if isinstance(error.__cause__, ValidationError):
            error.message = sentence(error.__cause__, error.param) or error.message
        raise


def sentence(error: "ValidationError", param: Any) -> str:
    """What is wrong with the value of a parameter; "" where the library's own words must do."""
    value = error.errors()[0]["input"]
    descriptor = param.type_descriptor
    if choices := descriptor.choices:
        known = [str(getattr(choice, "value", choice)) for choice in choices]
        hint = did_you_mean(str(value), known)
        return f"{value} is none of {', '.join(known)}.{hint}"
    if kind := KINDS.get(descriptor.annotation):
        return f"{value} is not {kind}{allowed(param.min, param.max)}"
    return ""


def allowed(least: float | None, most: float | None) -> str:
    """The range that a number must be in: ` from 1 to 1,000`."""
    if least is not None and most is not None:
        return f" from {least:,} to {most:,}"
    if least is not None:
        return f" of at least {least:,}"
    return "" if most is None else f" of at most {most:,}"
