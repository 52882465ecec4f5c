"""What all answers have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.money import MOST

# Dollars, as money stands in JSON; inside a service it is whole cents, see shared/money.py.
Price = Annotated[int | float, Field(ge=0, le=MOST / 100)]
# A sum of prices, which may be more than one price can.
Sum = Annotated[int | float, Field(ge=0)]


class Answer(BaseModel):
    """The body of an answer. The fields are named as they are in the JSON. Types are taken at their
    word, so that "2" is no number; what has no field is left out.
    """

    model_config = ConfigDict(frozen=True, strict=True)


class Error(Answer):
    """What is answered instead of a success: what kind of error it is, and a sentence about it."""

    error: str
    detail: str


class Health(Answer):
    service: str
    status: str
