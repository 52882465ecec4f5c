"""A control of Chaos Toolkit: no default faults while an experiment runs, and the counts of every
fault in its journal.
"""

from typing import Any

from chaos.measures import Shop

PROFILE_BEFORE = "profile before"
FAULTS = "faults"


def before_experiment_control(context: dict[str, Any]) -> None:
    """Chooses the profile calm: the hypothesis is about other faults than the default ones."""
    control_plane = Shop.of_environment().control_plane
    profile = control_plane.get("/profile")
    if not profile["stopped"]:  # after Stop all nothing fails anyway, and it is to stay so
        context[PROFILE_BEFORE] = profile["name"]
        control_plane.request("PUT", "/profile", {"name": "calm"})


def after_hypothesis_control(
    context: object,  # noqa: ARG001 - the engine passes it by that name
    state: dict[str, Any],
) -> None:
    """Writes down which faults there were, and how often each has fired by then."""
    state[FAULTS] = Shop.of_environment().control_plane.get("/faults", hidden="show")["faults"]


def after_experiment_control(context: dict[str, Any]) -> None:
    """Chooses the profile of before again."""
    if before := context.get(PROFILE_BEFORE):
        Shop.of_environment().control_plane.request("PUT", "/profile", {"name": before})
