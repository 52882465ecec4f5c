"""Templates of paths, as in /order/{order_id}."""

import re
from collections.abc import Mapping
from urllib.parse import quote

PLACE = re.compile(r"{(\w+)}")


def path_of(template: str, values: Mapping[str, str]) -> str:
    """The template with its places filled; a value stays in its own segment."""
    return PLACE.sub(lambda place: segment(values[place[1]]), template)


def segment(value: str) -> str:
    # No dot needs quoting, but dots alone would be a way up.
    return "%2E" * len(value) if value in {".", ".."} else quote(value, safe="")
