"""Whether the findings of a trace name the place where a fault was put."""

from collections.abc import Sequence

from scripts.explained.faults import Place, place_of
from traces.findings import Finding

SHOWN = 2  # of what is not merely a fact: what a reader looks at first


def headlines(found: Sequence[Finding]) -> Sequence[Finding]:
    """What a reader is told first: the problems and notices on top, and where the time went."""
    alarming = [one for one in found if one.meaning.weight != "fact"]
    return (*alarming[:SHOWN], *(one for one in found if one.kind == "time"))


def alarms(found: Sequence[Finding]) -> Sequence[Finding]:
    return [one for one in found if one.meaning.weight != "fact"]


def names(found: Sequence[Finding], place: Place) -> bool:
    """Whether one of the headlines has the place in its words and leads to a span of it."""
    return any(
        is_named(one.sentence, place) and any(place_of(span) == place for span in one.spans)
        for one in headlines(found)
    )


def is_named(sentence: str, place: Place) -> bool:
    wanted = {"client": (place.peer, place.service), "store": (place.peer, place.service)}
    return any(name in sentence for name in wanted.get(place.side, (place.service,)))
