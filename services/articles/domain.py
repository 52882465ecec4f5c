"""The rules of the journal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Article:
    id: str
    author: str
    title: str
    text: str

    def answer(self, suggested: "list[Article] | None" = None) -> dict[str, Any]:
        """What a reader gets; with `suggested`, the articles that go with it come along."""
        own = {"id": self.id, "author": self.author, "title": self.title, "text": self.text}
        if suggested is None:
            return own
        return {**own, "suggested": [article.answer() for article in suggested]}


def journal(rows: list[dict[str, str]]) -> dict[str, Article]:
    """The articles by id, in the order they were written."""
    return {row["id"]: Article(**row) for row in rows}


def known(ids: list[str], articles: Mapping[str, Article]) -> list[Article]:
    """The articles with these ids; an id nobody knows is left out."""
    return [articles[id_] for id_ in ids if id_ in articles]
