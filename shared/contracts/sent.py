"""What clients of the ACME demo send: any number may come as text, and a text as a number. The JSON
Schema of each says so; the gateway and the services behind it agree on what they take.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from shared.money import LONGEST, MOST

MOST_OF_ONE = 99
THING_ID = r"^[A-Za-z0-9_.:-]{1,64}$"
THING_IDS = r"^[A-Za-z0-9_.:,-]*$"  # several, with commas: too few kinds of characters to swell
Json = dict[str, Any]


@dataclass(frozen=True)
class Also:
    """Has a JSON Schema name one more type that is taken, and the pattern if that is text."""

    type: str
    pattern: str = ""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> Json:
        schema = handler(core)
        more = {"pattern": self.pattern} if self.pattern else {}
        return schema | {"type": [schema["type"], self.type]} | more


def whole(value: object) -> object:
    """Refuses what pydantic would take for a whole number besides numbers and digits."""
    if isinstance(value, bool) or (isinstance(value, str) and not re.fullmatch("[0-9]+", value)):
        raise ValueError("a whole number is wanted")
    return value


# The model must have `coerce_numbers_to_str`.
Text = Annotated[str, Field(max_length=200), Also("number")]
LongText = Annotated[str, Field(max_length=500), Also("number")]
ThingId = Annotated[str, Field(pattern=THING_ID), Also("integer")]
Amount = (
    Annotated[str, Field(max_length=LONGEST, pattern=r"^[0-9]{1,6}([.][0-9]+)?$")]
    | Annotated[float, Field(strict=True, ge=0, le=MOST / 100)]
)
Quantity = Annotated[
    int,
    Field(ge=1, le=MOST_OF_ONE),
    BeforeValidator(whole),
    Also("string", "^[1-9][0-9]?$"),
]
QuantityOrNone = Annotated[
    int,
    Field(ge=0, le=MOST_OF_ONE),
    BeforeValidator(whole),
    Also("string", "^[0-9]{1,2}$"),
]
