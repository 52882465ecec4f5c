"""Generates the folder mocks/: `acme mocks`."""

import json
from pathlib import Path
from typing import Any

from faker import Faker

from scripts.mocks.catalogue import CATALOGUE
from scripts.mocks.journal import journal
from scripts.mocks.pictures import views
from scripts.mocks.products import products
from scripts.mocks.suggestions import among_articles, among_products
from scripts.mocks.users import users

FOLDER = Path(__file__).resolve().parents[2] / "mocks"


def generate(count: int, each: int, seed: int, folder: Path) -> None:
    """Writes all the mocks into `folder`, with `count` articles and up to `each` suggestions for
    everything; same seed, same bytes.

    Raises ValueError for fewer than one article or fewer than no suggestions.
    """
    if count < 1 or each < 0:
        raise ValueError(f"{count} articles with {each} suggestions each cannot be written")
    # The products have a Faker of their own: they are the same, however many articles there are.
    fake, other = seeded(seed), seeded(seed)
    articles, sold = journal(fake, count), products(other)
    suggested = among_articles(fake, [article["id"] for article in articles], each)
    related = among_products(other, {product["id"]: product["tags"] for product in sold}, each)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "articles.json", {"articles": articles})
    write(folder / "products.json", {"products": sold})
    write(folder / "suggestions.json", {"suggestions": suggested, "products": related})
    write(folder / "users.json", {"users": users()})
    draw(folder / "pictures")


def draw(folder: Path) -> None:
    """Three pictures of each product, under the names that products.json gives them."""
    folder.mkdir(exist_ok=True)
    for item in CATALOGUE:
        for number, picture in enumerate(views(item.slug, item.tags[0]), 1):
            (folder / f"{item.slug}-{number}.svg").write_text(picture, encoding="utf-8")


def seeded(seed: int) -> Faker:
    fake = Faker("en_US")
    fake.seed_instance(seed)
    return fake


def write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
