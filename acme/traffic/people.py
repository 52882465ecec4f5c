"""Who clicks: simulated people, the same ones again for the same seed."""

import random
import re
from collections.abc import Mapping
from functools import cached_property

from faker import Faker

from services.frontend.domain.visitor import DEMO

GOOD, REFUSED = "4111 1111 1111 1111", "4000 0000 0000 0002"
REFUSALS = 0.05


class Person:
    """The person with this number. The first six with an odd number are the demo users, all others
    register.
    """

    def __init__(self, seed: int, number: int) -> None:
        self.name = f"{seed}-{number}"
        self.chance = random.Random(self.name)  # noqa: S311 - repeatable
        self.demo_user = ""
        if number % 2 and number // 2 < len(DEMO):
            self.demo_user = DEMO[number // 2]

    @cached_property
    def facts(self) -> Mapping[str, str]:
        """What the person types, by the names of the fields that ask for it."""
        fake = Faker("en_US")
        fake.seed_instance(self.name)
        first, last = fake.first_name(), fake.last_name()
        username = f"{re.sub('[^a-z]', '', first.lower())[:12]}.{self.name}"
        return {
            "firstname": first,
            "lastname": last,
            "username": username,
            "password": fake.password(length=16),
            "email": f"{username}@example.com",
            "street": fake.street_address(),
            "city": fake.city(),
            "zip": fake.zipcode(),
            "state": fake.state_abbr(),
            "country": "United States",
            "type": "Visa",
            "expMonth": f"{fake.random_int(1, 12)}",
            "expYear": "2099",
            "ccv": f"{fake.random_int(100, 999)}",
        }

    def card(self) -> Mapping[str, str]:
        """A card number; now and then one that the bank refuses."""
        return {"number": REFUSED if self.chance.random() < REFUSALS else GOOD}
