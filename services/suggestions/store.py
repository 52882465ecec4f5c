"""Where suggestions come from: one file, read once."""

from pathlib import Path

from shared.mocks import read_mocks


def read_suggestions(folder: Path) -> dict[str, list[str]]:
    """The ids of the articles that go with an article, by its id."""
    return dict(read_mocks(folder / "suggestions.json")["suggestions"])
