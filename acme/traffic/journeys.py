"""What people do in the shop, click by click, and what browser and patience add to it.

A journey is a generator: it yields a click and is sent the page that came of it. It neither waits
nor calls anybody, so whoever can open pages can drive it. Where a page does not have what the
journey needs, `Missing` ends it.

A browser goes where an answer leads it. A person tries again what failed: the same link, or the
same form as it was, with the same key in it, so that the shop sees that it is the same order.
"""

import re
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Never
from urllib.parse import urlsplit

from acme.traffic.page import Click, Missing, Page, led, typed
from acme.traffic.people import GOOD, Person
from services.frontend.domain.shop import UNKNOWN, WORDS

Steps = Generator[Click, Page, Page]
TAGS = "/products[?]tag=*"
BUYERS = 0.25
LOOKS = 4
WAITING = (WORDS["processing"], UNKNOWN)
TRIES = 3
HOPS = 5


def browse(person: Person) -> Steps:
    """Looks around: products, a search, a tag, a product, and an article of the journal."""
    home = yield typed("/")
    shelf = yield home.link("/products")
    found = yield from search(person, shelf)
    if found.like(TAGS):
        found = yield found.any_link(TAGS, person.chance)
    product = yield found.any_link("/products/*", person.chance)
    journal = yield product.link("/journal")
    return (yield journal.any_link("/journal/*", person.chance))


def buy(person: Person) -> Steps:
    """Comes in, finds something, takes some of it, pays, and watches until it is shipped."""
    home = yield typed("/")
    if home.has("/login"):
        home = yield from come_in(person, home)
    shelf = yield home.link("/products")
    found = yield from search(person, shelf)
    product = yield found.any_link("/products/*", person.chance)
    cart = yield product.form("/cart/items").filled()
    quantity = str(person.chance.randint(2, 4))
    cart = yield cart.form("/cart/items/*").filled({"quantity": quantity})
    checkout = yield cart.link("/checkout")
    order = yield checkout.form("/checkout").filled({**person.facts, **person.card()})
    if order.status == 402:
        order = yield order.form("/checkout").filled({**person.facts, "number": GOOD})
    return (yield from watch(order))


def mixed(person: Person) -> Steps:
    """Mostly looks around."""
    return (yield from (buy if person.chance.random() < BUYERS else browse)(person))


def search(person: Person, shelf: Page) -> Steps:
    """Types the last word of something on the shelf into the search."""
    seen = shelf.any_link("/products/*", person.chance)
    word = re.split("[-/]", urlsplit(seen.address).path)[-1]
    return (yield shelf.form("/products").filled({"q": word}))


def come_in(person: Person, home: Page) -> Steps:
    """Logs in as a demo user, or registers; who has registered in an earlier run logs in."""
    login = yield home.link("/login")
    if person.demo_user:
        demo = login.form("/login/demo", username=person.demo_user)
        return (yield demo.filled({"username": person.demo_user}))
    form = yield login.link("/register")
    came = yield form.form("/register").filled(person.facts)
    if came.status == 409:
        login = yield came.link("/login")
        came = yield login.form("/login").filled(person.facts)
    return came


def watch(order: Page) -> Steps:
    """Looks at the order again until it is shipped, a few times at most."""
    path = urlsplit(order.address).path
    if not path.startswith("/orders/"):
        raise Missing(f"{order.address} is no order")
    for _ in range(LOOKS):
        if not any(word in order.text for word in WAITING):
            break
        order = yield order.link(path)
    return order


JOURNEYS: dict[str, Callable[[Person], Steps]] = {"browse": browse, "buy": buy, "mixed": mixed}


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
