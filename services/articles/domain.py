"""The rules of the journal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Article:
    id: str
    author: str
    title: str
    text: str


def journal(rows: list[dict[str, str]]) -> dict[str, Article]:
    """The articles by id, in the order they were written."""
    return {row["id"]: Article(**row) for row in rows}


def known(ids: Iterable[str], articles: Mapping[str, Article]) -> list[Article]:
    """The articles with these ids; an id nobody knows is left out."""
    return [articles[id_] for id_ in ids if id_ in articles]
