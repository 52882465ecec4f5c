"""Log records that are events: they have a name and attributes beside their message."""

from collections.abc import Mapping
from typing import Any

Value = str | int | float


def event(name: str, attributes: Mapping[str, Value]) -> dict[str, Any]:
    """The `extra` of a log record that makes an event of it."""
    return {"event_name": name, "event_attributes": attributes}
