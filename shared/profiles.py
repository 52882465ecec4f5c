"""Propagation profiles: which header formats each service of the shop sends, and which it reads.

Every service reads all formats and sends W3C's, so that it goes on with whatever trace a caller
began. `mixed` is a shop that grew in several languages: its services send what their first
libraries did, and since all still read everything, no trace breaks. `broken` has one hop whose ends
have no format in common. OTEL_PROPAGATORS counts before any profile.
"""

from collections.abc import Mapping
from dataclasses import dataclass

W3C = ("tracecontext", "baggage")
# What counts most comes last; `b3` reads both of its forms, the single header and x-b3-*.
EVERY = ("jaeger", "b3", *W3C)


@dataclass(frozen=True)
class Formats:
    """Header formats, by their names in OTEL_PROPAGATORS. Where headers of several formats
    contradict each other, the last one of `reads` counts.
    """

    sends: tuple[str, ...] = W3C
    reads: tuple[str, ...] = EVERY


STANDARD = Formats()
JAEGER = Formats(sends=("jaeger",))  # which carries baggage in headers of its own; B3 has none
B3 = Formats(sends=("b3", "baggage"))
B3_MULTI = Formats(sends=("b3multi", "baggage"))

PROFILES: Mapping[str, Mapping[str, Formats]] = {
    "standard": {},
    "mixed": {
        "gateway": JAEGER,
        "auth": B3_MULTI,
        "orders": B3_MULTI,
        "shipping": JAEGER,
        "cart": B3,
        "payment": B3,
        "articles": B3,
    },
    "broken": {"gateway": JAEGER, "orders": Formats(reads=W3C)},
}


def formats_of(service: str, profile: str) -> Formats:
    return PROFILES[profile].get(service, STANDARD)
