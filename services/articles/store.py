"""Where articles come from: one file, read once."""

from pathlib import Path

from services.articles.domain import Article, journal
from shared.mocks import read_mocks


def read_journal(folder: Path) -> dict[str, Article]:
    return journal(read_mocks(folder / "articles.json")["articles"])
