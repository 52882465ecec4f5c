"""The products of the shop, one for each of its things."""

from typing import Any

from faker import Faker

from scripts.mocks.catalogue import CATALOGUE, Item

VIEWS = (1, 2, 3)
MAKERS = (
    "It is made by {name} and a team of {count} in {city}, who have done little else since {year}.",
    "{name} from {city} drew the first one in {year}, and we have changed {count} details since.",
    "We found it in {city}, where {name} has been making it since {year}, about {count} a week.",
)
PROMISES = (
    "Whatever breaks within {years} years, we repair.",
    "Spare parts are on our shelf for {years} years at least.",
    "After {years} days at your home you may still send it back.",
    "Ours at home is {years} years old, and we see no reason to replace it.",
)


def products(fake: Faker) -> list[dict[str, Any]]:
    """All products, with ids as they stand in addresses."""
    return [product(fake, item) for item in CATALOGUE]


def product(fake: Faker, item: Item) -> dict[str, Any]:
    return {
        "id": item.slug,
        "name": item.name.capitalize(),
        "shortDescription": item.line,
        "description": description(fake, item),
        "price": price(fake, item),
        "tags": list(item.tags),
        **{f"imageUrl{view}": f"/pictures/{item.slug}-{view}.svg" for view in VIEWS},
    }


def description(fake: Faker, item: Item) -> str:
    words = {
        "name": f"{fake.first_name()} {fake.last_name()}",
        "city": fake.city(),
        "year": fake.random_int(1987, 2015),
        "count": fake.random_int(7, 40),
        "years": fake.random_int(10, 30),
    }
    maker, promise = fake.random_element(MAKERS), fake.random_element(PROMISES)
    return f"{item.about} {maker.format(**words)} {promise.format(**words)}"


def price(fake: Faker, item: Item) -> float | int:
    """Dollars: mostly five cents below a whole number, as prices are."""
    whole = fake.random_int(item.low, item.high)
    return whole if fake.boolean(20) else round(whole - 0.05, 2)
