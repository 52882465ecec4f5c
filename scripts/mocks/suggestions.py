"""What else goes with an article or a product."""

from collections.abc import Mapping, Sequence

from faker import Faker


def among_articles(fake: Faker, ids: Sequence[str], each: int) -> dict[str, list[str]]:
    """For each article up to `each` others, never itself and none twice."""
    chosen = {}
    for id_ in ids:
        others = [other for other in ids if other != id_]
        chosen[id_] = list(fake.random_sample(others, min(each, len(others))))
    return chosen


def among_products(
    fake: Faker, tags: Mapping[str, Sequence[str]], each: int
) -> dict[str, list[str]]:
    """For each product up to `each` others that share a tag with it, those that share most first;
    `tags` are those of each product's id.
    """
    return {id_: related(fake, id_, tags)[:each] for id_ in tags}


def related(fake: Faker, id_: str, tags: Mapping[str, Sequence[str]]) -> list[str]:
    shared = {other: len({*tags[id_]} & {*tags[other]}) for other in tags if other != id_}
    others = [other for other, count in shared.items() if count]
    return sorted(fake.random_sample(others, len(others)), key=lambda other: -shared[other])
