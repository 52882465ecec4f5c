"""The values that a fault is described with."""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")
LONGEST = 4 * 3600.0  # seconds
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}

Side = Literal["server", "client", "store", "stream", "point"]


def in_seconds(value: Any) -> Any:
    """The seconds of a text such as "500ms" or "15m"; anything else as it is."""
    found = DURATION.fullmatch(value) if isinstance(value, str) else None
    return value if found is None else float(found[1]) * UNITS[found[2]]


def documented(most: float = LONGEST, **least: float) -> WithJsonSchema:
    """The schema of a number of seconds, or a text with its unit."""
    number = {"type": "number", "maximum": most, **least}
    return WithJsonSchema(
        {"anyOf": [number, {"type": "string", "pattern": f"^{DURATION.pattern}$"}]}
    )


Seconds = Annotated[
    float, BeforeValidator(in_seconds), Field(ge=0, le=LONGEST), documented(minimum=0)
]
Lasting = Annotated[
    float, BeforeValidator(in_seconds), Field(gt=0, le=LONGEST), documented(exclusiveMinimum=0)
]
Milliseconds = Annotated[float, Field(ge=0, le=60_000)]
Rate = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Part(BaseModel):
    """A part of a description: it does not change, and has no keys that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
