"""Writes the generated data of the shop: its journal, and what goes with each article."""

import argparse
import json
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from faker import Faker

FOLDER = Path(__file__).resolve().parents[1] / "mocks"
THINGS = (
    "pour-over kettle",
    "cast-iron pan",
    "bread knife",
    "tea set",
    "coffee grinder",
    "storm lantern",
    "wool blanket",
    "linen apron",
    "garden trowel",
    "watering can",
    "bird feeder",
    "raised bed",
    "spirit level",
    "folding ruler",
    "workbench",
    "hand plane",
    "desk lamp",
    "fountain pen",
    "reading chair",
    "bookend",
    "bicycle bell",
    "rain jacket",
    "camp stove",
    "rucksack",
)
TITLES = (
    "How to choose a {thing} that lasts",
    "Five mistakes everyone makes with a {thing}",
    "The {thing}, taken apart",
    "What {years} years with one {thing} taught us",
    "Caring for your {thing} through the winter",
    "A visit to the people who make our {thing}",
    "The {thing} we return to",
    "Gift or gadget? The honest case for a {thing}",
)
OPENINGS = (
    "Few things in the shop are asked about as often as the {thing}.",
    "When {name} from {city} wrote to us about a {thing}, the whole team had an opinion.",
    "We sold our first {thing} in {year}, and it is still in daily use.",
    "A good {thing} is quiet: you notice it only when it is missing.",
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


def journal(fake: Faker, count: int) -> list[dict[str, str]]:
    """`count` articles with ids from "1" on, no two with the same title."""
    return [
        {"id": str(number), "author": fake.name(), "title": title, "text": text(fake, thing)}
        for number, (title, thing) in zip(range(1, count + 1), titles(fake), strict=False)
    ]


def titles(fake: Faker) -> Iterator[tuple[str, str]]:
    """Titles without end: each pair of title and thing in random order, then part 2 of each."""
    part = 1
    while True:
        pairs = fake.random_sample(list(product(TITLES, THINGS)), len(TITLES) * len(THINGS))
        for title, thing in pairs:
            years = fake.random_int(3, 30)
            full = title.format(thing=thing, years=years)
            yield (full if part == 1 else f"{full}, part {part}"), thing
        part += 1


def text(fake: Faker, thing: str) -> str:
    sentences = (
        fake.random_element(OPENINGS),
        *fake.random_sample(MIDDLES, 3),
        fake.random_element(ENDINGS),
    )
    return " ".join(
        sentence.format(
            thing=thing,
            name=fake.first_name(),
            city=fake.city(),
            year=fake.random_int(1987, 2015),
            years=fake.random_int(3, 30),
            count=fake.random_int(7, 90),
        )
        for sentence in sentences
    )


def suggestions(fake: Faker, ids: list[str], each: int) -> dict[str, list[str]]:
    """For each article up to `each` others, never itself and none twice."""
    chosen = {}
    for id_ in ids:
        others = [other for other in ids if other != id_]
        chosen[id_] = list(fake.random_sample(others, min(each, len(others))))
    return chosen


def generate(count: int, each: int, seed: int, folder: Path) -> None:
    """Writes articles.json and suggestions.json into `folder`; same seed, same bytes.

    Raises ValueError for fewer than one article or fewer than no suggestions.
    """
    if count < 1 or each < 0:
        raise ValueError(f"{count} articles with {each} suggestions each cannot be written")
    fake = Faker("en_US")
    fake.seed_instance(seed)
    articles = journal(fake, count)
    others = suggestions(fake, [article["id"] for article in articles], each)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "articles.json", {"articles": articles})
    write(folder / "suggestions.json", {"suggestions": others})


def write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """The command `acme mocks`; answers 2 when the numbers make no sense."""
    parser = argparse.ArgumentParser(
        prog="acme mocks",
        description="Writes the shop's articles, and what goes with each, as JSON.",
    )
    parser.add_argument("articles", type=int, nargs="?", default=24, metavar="N", help="how many")
    parser.add_argument(
        "suggestions", type=int, nargs="?", default=4, metavar="M", help="suggestions for each"
    )
    parser.add_argument("--seed", type=int, default=7, help="same seed, same texts (7)")
    parser.add_argument("--out", type=Path, default=FOLDER, help="the folder to write to (mocks)")
    given = parser.parse_args(arguments)
    try:
        generate(given.articles, given.suggestions, given.seed, given.out)
    except ValueError as error:
        parser.error(str(error))
    print(f"{given.out} has {given.articles} articles, each with up to {given.suggestions} others.")
    return 0
