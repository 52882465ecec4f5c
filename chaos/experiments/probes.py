"""The probes of experiments: functions that Chaos Toolkit calls to check the hypothesis."""

from collections.abc import Mapping, Sequence
from typing import Any

from chaos.measures import Shop
from chaos.measures import measure as take_measure

Configuration = Mapping[str, Any]
SEED = "seed"
DEFAULT_SEED = 42


def measured(
    *,
    measure: str,
    journey: str,
    clicks: int = 10,
    session: str = "",
    concurrency: int = 1,
    configuration: Configuration | None = None,
    **arguments: Any,
) -> float:
    """Makes so many clicks of a journey in one session, and evaluates a measure of chaos/measures
    on their answers or traces.
    """
    found = take_measure(
        Shop.of_environment(),
        measure,
        journey=journey,
        clicks=clicks,
        seed=seed_of(configuration),
        session=session,
        concurrency=concurrency,
        **arguments,
    )
    return round(found, 4)


def fired(ids: Sequence[str]) -> int:
    """How often these faults have fired so far."""
    rows = Shop.of_environment().control_plane.get("/faults", hidden="show")["faults"]
    return sum(int(row["fired"]) for row in rows if row["fault"]["id"] in ids)


def seed_of(configuration: Configuration | None) -> int:
    return int((configuration or {}).get(SEED) or DEFAULT_SEED)
