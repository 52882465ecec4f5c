"""So many people in the shop at the same time."""

import asyncio
from collections.abc import Callable

import httpx

from acme.traffic.browser import Browser
from acme.traffic.journeys import Steps
from acme.traffic.outcomes import Outcomes
from acme.traffic.pace import Pace
from acme.traffic.people import Person
from acme.traffic.visits import Visits


class Crowd:
    """People with a journey each, at one pace; what came of it is in `outcomes` and `visits`."""

    def __init__(self, url: str, pace: Pace, journey: Callable[[Person], Steps]) -> None:
        self.outcomes, self.visits, self.pace = Outcomes(), Visits(), pace
        self._url, self._journey = url, journey
        self._security = httpx.create_ssl_context(trust_env=False)

    async def shop(self, users: int, seed: int) -> None:
        """Lets people in until the pace has no more turns."""
        async with asyncio.TaskGroup() as group:
            for number in range(users):
                group.create_task(self._click(Person(seed, number)))

    async def _click(self, person: Person) -> None:
        clicks = self.visits.of(person, self._journey)
        async with Browser(self._url, self.outcomes, security=self._security) as browser:
            click = next(clicks)
            while click.led or await self.pace.turn():
                click = clicks.send(await browser.open(click))
