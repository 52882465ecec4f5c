"""What experiments do to the shop: their actions."""

import time
from collections.abc import Sequence
from typing import Any

from acme.launcher import stop
from acme.launcher.ps import is_healthy
from chaos.experiments.place import Configuration, Place
from chaos.measures import is_everywhere

PATIENCE, PAUSE = 20.0, 0.05


def put_fault(fault: dict[str, Any], configuration: Configuration | None = None) -> str:
    """Puts the fault, described as in docs/faults.md, and waits until every service has it."""
    plane = Place.of(configuration).shop.plane
    plane.ask("PUT", f"/faults/{fault['id']}", fault)
    end = time.monotonic() + PATIENCE
    while not is_everywhere(applied := str(plane.get(f"/faults/{fault['id']}")["applied"])):
        if time.monotonic() > end:
            raise TimeoutError(f"{fault['id']} was applied by {applied} only in {PATIENCE:g} s")
        time.sleep(PAUSE)
    return f"{fault['id']} is there, applied by {applied}"


def clear_faults(ids: Sequence[str], configuration: Configuration | None = None) -> str:
    """Removes those of the faults that are still there."""
    plane = Place.of(configuration).shop.plane
    there = {row["fault"]["id"] for row in plane.get("/faults")["faults"]}
    gone = [id_ for id_ in ids if id_ in there]
    for id_ in gone:
        plane.ask("DELETE", f"/faults/{id_}")
    return f"removed {', '.join(gone) or 'nothing'}"


def kill(service: str, signal: str = "KILL", configuration: Configuration | None = None) -> str:
    """Sends a signal to a service, as `acme kill` does."""
    state = Place.of(configuration).state
    return stop.kill(state, service, stop.number_of(signal))


def wait_until_healthy(
    service: str, patience: float = PATIENCE, configuration: Configuration | None = None
) -> str:
    """Waits until the service answers again. Raises TimeoutError."""
    place, begun = Place.of(configuration), time.monotonic()
    while time.monotonic() - begun < patience:
        if is_healthy(place.state.services[service].url):
            return f"{service} answers after {time.monotonic() - begun:.1f} s"
        time.sleep(PAUSE)
    raise TimeoutError(f"{service} does not answer after {patience:g} s")
