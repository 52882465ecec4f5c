"""Text of a body that must be repeated nowhere: not in an error, a log or a span."""

from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr

from shared.contracts.sent import Also


def as_text(value: object) -> object:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if number else value


# For a field of a body; a number is taken as its digits.
Secret = Annotated[SecretStr, BeforeValidator(as_text), Field(max_length=40), Also("number")]
