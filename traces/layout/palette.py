"""One colour per service name, the same on every page: the classes of palette.css.

The example shop's services have fixed slots, everyone else shares the free ones by hash. Colour is
never the only sign: the name is always written beside it.
"""

from collections.abc import Collection
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


def colour_among(name: str, senders: Collection[str]) -> str:
    """The class for a name that may be of a system outside: those who are not among the `senders`
    of spans have one colour together. One of the example shop that has sent none yet keeps its own.
    """
    return colour(name) if name in senders or name in SLOTS else OUTSIDE
