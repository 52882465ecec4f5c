"""Text of a body that must be repeated nowhere: not in an error, a log or a span."""

from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr


def as_text(value: object) -> object:
    return str(value) if isinstance(value, int | float) else value


# For a field of a body; a number is taken as its digits.
Secret = Annotated[SecretStr, BeforeValidator(as_text), Field(max_length=40)]
