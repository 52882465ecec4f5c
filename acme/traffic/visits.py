"""Visits of a person, one after the other: a journey, and what browser and person add to it.

A browser goes where an answer leads it. A person tries again what failed: the same link, or the
same form as it was, with the same key in it, so that the shop sees that it is the same order.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Never

from acme.traffic.click import Click, led
from acme.traffic.journeys import Steps
from acme.traffic.page import Missing, Page
from acme.traffic.people import Person

TRIES = 3
HOPS = 5


@dataclass
class Visits:
    """How many there were; `given_up` are those that led nowhere."""

    made: int = 0
    given_up: int = 0

    def of(
        self, person: Person, journey: Callable[[Person], Steps]
    ) -> Generator[Click, Page, Never]:
        """Every click of the person, without an end."""
        while True:
            try:
                yield from visit(journey(person))
            except Missing:
                self.given_up += 1
            self.made += 1


def visit(steps: Steps) -> Steps:
    """A journey as it is made with a browser and with patience."""
    page = yield from followed(next(steps))
    while True:
        try:
            click = steps.send(page)
        except StopIteration:
            return page
        page = yield from followed(click)


def followed(click: Click) -> Steps:
    """Clicks, and goes where the answers lead."""
    page = yield from patiently(click)
    for _ in range(HOPS):
        if not page.leads_to:
            break
        page = yield from patiently(led(page.leads_to))
    return page


def patiently(click: Click) -> Steps:
    """Clicks, and clicks again while the shop fails, a few times at most."""
    page = yield click
    for _ in range(TRIES - 1):
        if not page.failed:
            break
        page = yield replace(click, led=False)
    return page
