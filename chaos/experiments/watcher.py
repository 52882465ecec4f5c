"""Stands beside an experiment, as a control of Chaos Toolkit: the shop is calm before it, as it was
after it, and what the faults did is written into the journal.
"""

from typing import Any

from chaos.experiments.place import Configuration, Place

BEFORE = "profile before"
FAULTS = "faults"


def before_experiment_control(context: dict[str, Any], configuration: Configuration) -> None:
    """Has the faults rest that the shop has by itself: the hypothesis is about others."""
    plane = Place.of(configuration).shop.plane
    now = plane.get("/profile")
    if not now["stopped"]:  # else they rest already, and somebody wants it so
        context[BEFORE] = now["name"]
        plane.ask("PUT", "/profile", {"name": "calm"})


def after_hypothesis_control(
    context: object,  # noqa: ARG001 - the engine gives it by that name
    state: dict[str, Any],
    configuration: Configuration,
) -> None:
    """Notes which faults there were, and how often each has struck by then."""
    state[FAULTS] = Place.of(configuration).shop.plane.get("/faults")["faults"]


def after_experiment_control(context: dict[str, Any], configuration: Configuration) -> None:
    if before := context.get(BEFORE):
        Place.of(configuration).shop.plane.ask("PUT", "/profile", {"name": before})
