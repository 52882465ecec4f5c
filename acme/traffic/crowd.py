"""Simulated people in the shop: their browsers, their pace, and all of them together."""

import asyncio
import ssl
import time
from collections.abc import Callable
from typing import Self

import httpx

from acme.traffic.journeys import Steps, Visits
from acme.traffic.outcomes import Outcome, Outcomes, trace_of
from acme.traffic.page import Click, Page
from acme.traffic.people import Person

PATIENCE = 10.0
HEADERS = {"user-agent": "acme-traffic", "accept": "text/html"}
LATE = 0.1  # seconds for which a turn is kept


class Browser:
    """Opens pages of the shop at `url`; redirects are left to whoever clicks.

    Many browsers may share what they trust (`security`), which takes long to load.
    """

    def __init__(
        self,
        url: str,
        outcomes: Outcomes,
        transport: httpx.AsyncBaseTransport | None = None,
        security: ssl.SSLContext | None = None,
    ) -> None:
        self._outcomes = outcomes
        # No proxy of the environment: it must connect to the address it was given.
        self._client = httpx.AsyncClient(
            base_url=url,
            headers=HEADERS,
            timeout=PATIENCE,
            transport=transport,
            trust_env=False,
            verify=security or True,
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def open(self, click: Click) -> Page:
        """The page that the click leads to; one with status 0 when there is no answer."""
        begun = time.perf_counter()
        try:
            answer = await self._client.request(
                click.method, click.address, data=dict(click.fields) or None
            )
        except httpx.RequestError:
            self._outcomes.note(Outcome(click.name, 0, time.perf_counter() - begun))
            return Page(click.address, 0)
        seconds = time.perf_counter() - begun
        trace = trace_of(answer.headers.get("traceresponse", ""))
        self._outcomes.note(Outcome(click.name, answer.status_code, seconds, trace))
        location = answer.headers.get("location", "")
        return Page.read(str(answer.url), answer.status_code, answer.text, location)


class Pace:
    """Turns at a steady rate for so many seconds, or so many turns in all.

    A turn does not wait for the answer to the one before: people do not come more slowly because
    the shop is slow. A turn that nobody was free to take is soon lost, and not made up for: a shop
    that has stood still meets no flood afterwards.
    """

    def __init__(self, rate: float) -> None:
        self.rate, self.taken = rate, 0
        self._promised, self._seconds = 0, 0.0
        self._turns: int | None = None
        self._begun = self._next = self._last = time.monotonic()

    def start(self, seconds: float, turns: int | None = None) -> None:
        """From now on there are turns."""
        self._begun = self._next = self._last = time.monotonic()
        self._seconds, self._turns = seconds, turns

    @property
    def elapsed(self) -> float:
        """Seconds so far, to the last turn."""
        return self._last - self._begun + 1 / self.rate

    @property
    def reached(self) -> float:
        """Turns a second, as they were taken."""
        return self.taken / self.elapsed

    @property
    def done(self) -> float:
        """How much of it is over, from 0 to 1."""
        if self._turns:
            return self.taken / self._turns
        return min(1.0, (time.monotonic() - self._begun) / self._seconds)

    async def turn(self) -> bool:
        """Waits for the next turn; False when there are no more."""
        now = time.monotonic()
        mine = max(self._next, now - LATE)
        if self._promised == self._turns or mine >= self._begun + self._seconds:
            return False
        self._next = mine + 1 / self.rate
        self._promised += 1
        await asyncio.sleep(max(0.0, mine - now))
        self.taken, self._last = self.taken + 1, mine
        return True


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
