"""The cards of the scenarios, as the control room shows them to whoever asks."""

from typing import Any

from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.domain.scenario_told import card
from chaos.control_plane.flows.runs import Runs
from chaos.control_plane.routes.runs import RunViews, concerns


class Cards:
    """Every scenario with its runs, those that run first, and the last run that is over."""

    def __init__(self, runs: Runs, views: RunViews) -> None:
        self._runs, self._views = runs, views

    def of(self, caller: Caller) -> list[dict[str, Any]]:
        every = self._runs.library.scenarios.values()
        found = [card(one, caller, self._views.of_scenario(one, caller)) for one in every]
        cards = [one | {"last": self._last(one["id"], caller)} for one in found]
        return sorted(cards, key=lambda one: not one["runs"])

    def _last(self, scenario: str, caller: Caller) -> str:
        """The id of the newest run that is over, "" if there is none."""
        over = (run for run in self._runs.every() if run.scenario == scenario and not run.is_on)
        return next((run.id for run in over if concerns(run, caller)), "")
