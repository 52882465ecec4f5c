"""What experiments ask the shop: their probes."""

from collections.abc import Sequence
from typing import Any

from chaos.experiments.place import Configuration, Place
from chaos.measures import measure


def measured(
    *,
    probe: str,
    journey: str,
    clicks: int = 10,
    session: str = "",
    at_once: int = 1,
    configuration: Configuration | None = None,
    **given: Any,
) -> float:
    """Clicks so often through a journey, in one session, and answers what the probe of that name
    (chaos/measures) finds in the answers or in their traces.
    """
    place = Place.of(configuration)
    found = measure(
        place.shop,
        probe,
        journey=journey,
        clicks=clicks,
        seed=place.seed,
        session=session,
        at_once=at_once,
        **given,
    )
    return round(found, 4)


def fired(ids: Sequence[str], configuration: Configuration | None = None) -> int:
    """How often these faults have struck so far."""
    rows = Place.of(configuration).shop.plane.get("/faults")["faults"]
    return sum(int(row["fired"]) for row in rows if row["fault"]["id"] in ids)
