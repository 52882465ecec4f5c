"""The shop's journal: articles about its things."""

from collections.abc import Iterator
from itertools import product

from faker import Faker

from scripts.mocks.catalogue import CATALOGUE

TITLES = (
    "How to choose a {item} that lasts",
    "Five mistakes everyone makes with a {item}",
    "The {item}, taken apart",
    "What {years} years with one {item} taught us",
    "Caring for your {item} through the winter",
    "A visit to the people who make our {item}",
    "The {item} we return to",
    "Gift or gadget? The honest case for a {item}",
)
OPENINGS = (
    "Few things in the shop are asked about as often as the {item}.",
    "When {name} from {city} wrote to us about a {item}, the whole team had an opinion.",
    "We sold our first {item} in {year}, and it is still in daily use.",
    "A good {item} is quiet: you notice it only when it is missing.",
)
MIDDLES = (
    "Weight matters more than looks. Hold it for a minute before you decide, and then once more.",
    "Look at the joints first: that is where a cheap one gives up, mostly within {years} months.",
    "We tested {count} of them over {years} weeks, and only two came back without a scratch.",
    "Clean it with warm water, dry it at once, and it will outlive the kitchen it stands in.",
    "Spare parts are the question nobody asks in time. Ours are kept for {years} years.",
    "{name} has repaired {count} of them and says that most only needed a drop of oil.",
    "The price is honest: most of it is material, and the rest is somebody's afternoon.",
)
ENDINGS = (
    "If in doubt, buy the plain one.",
    "Come by, or write to us: we answer every letter, if not always on the same day.",
    "And if it breaks after all, bring it back. We like a good puzzle.",
    "The next one is already on the bench.",
)
PAIRS = tuple(product(TITLES, (item.name for item in CATALOGUE)))


def journal(fake: Faker, count: int) -> list[dict[str, str]]:
    """`count` articles with ids from "1" on, no two with the same title."""
    return [
        {"id": str(number), "author": fake.name(), "title": title, "text": text(fake, item)}
        for number, (title, item) in zip(range(1, count + 1), titles(fake), strict=False)
    ]


def titles(fake: Faker) -> Iterator[tuple[str, str]]:
    """Titles without end: each pair of title and item in random order, then part 2 of each."""
    part = 1
    while True:
        for title, item in fake.random_sample(PAIRS, len(PAIRS)):
            years = fake.random_int(3, 30)
            full = title.format(item=item, years=years)
            yield (full if part == 1 else f"{full}, part {part}"), item
        part += 1


def text(fake: Faker, item: str) -> str:
    sentences = (
        fake.random_element(OPENINGS),
        *fake.random_sample(MIDDLES, 3),
        fake.random_element(ENDINGS),
    )
    return " ".join(
        sentence.format(
            item=item,
            name=fake.first_name(),
            city=fake.city(),
            year=fake.random_int(1987, 2015),
            years=fake.random_int(3, 30),
            count=fake.random_int(7, 90),
        )
        for sentence in sentences
    )
