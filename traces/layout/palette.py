"""One colour per service name, the same on every page: the classes of palette.css.

The example shop's services have fixed slots, everyone else shares the free ones by hash. Colour is
never the only sign: the name is always written beside it.
"""

from pathlib import Path
from zlib import crc32

STYLESHEET = Path(__file__).with_name("palette.css")
NAMED = (
    "gateway",
    "auth",
    "orders",
    "shipping",
    "articles",
    "suggestions",
    "frontend",
    "cart",
    "payment",
    "catalog",
    "users",
    "chaos",
)
SLOTS = {name: slot for slot, name in enumerate(NAMED)}
FREE = range(len(NAMED), len(NAMED) + 8)
OUTSIDE = "c-outside"


def colour(service: str) -> str:
    """The class of the stylesheet that carries this service's colour: `c0` to `c19`."""
    slot = SLOTS.get(service)
    if slot is None:
        slot = FREE[crc32(service.encode("utf-8", "replace")) % len(FREE)]
    return f"c{slot}"
