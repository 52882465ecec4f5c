"""The simulated people of `acme traffic` find their way through the storefront's own pages."""

import httpx
import pytest

from acme.traffic.crowd import Browser
from acme.traffic.journeys import Steps, browse, buy, visit
from acme.traffic.outcomes import Outcomes
from acme.traffic.page import Page
from acme.traffic.people import Person
from tests.services.frontend.conftest import Browser as Storefront

NEWCOMER, ERIC = 0, 1


async def make(storefront: Storefront, steps: Steps) -> Page:
    """Makes a visit in a new browser, in which no click may fail."""
    outcomes, clicks = Outcomes(), visit(steps)
    transport = httpx.ASGITransport(storefront.app)
    async with Browser("http://shop.test", outcomes, transport) as browser:
        click = next(clicks)
        while True:
            page = await browser.open(click)
            assert not outcomes.failed, page
            try:
                click = clicks.send(page)
            except StopIteration as end:
                last: Page = end.value
                return last


@pytest.mark.parametrize("seed", range(3))
async def test_who_browses_ends_in_the_journal(browser: Storefront, seed: int) -> None:
    last = await make(browser, browse(Person(seed, NEWCOMER)))

    assert last.address.startswith("/journal/")


@pytest.mark.parametrize("number", [NEWCOMER, ERIC])
async def test_who_buys_ends_with_an_order(browser: Storefront, number: int) -> None:
    last = await make(browser, buy(Person(1, number)))

    assert last.address.startswith("/orders/")
    (order,) = browser.shop.orders.values()
    assert order["items"][0]["quantity"] > 1
