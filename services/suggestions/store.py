"""Where suggestions come from: one file, read once."""

from pathlib import Path

from shared.mocks import read_mocks


def read_suggestions(folder: Path) -> dict[str, list[str]]:
    """What goes with an article, by its id, and with a product, by its own."""
    mocks = read_mocks(folder / "suggestions.json")
    return {**mocks["suggestions"], **mocks["products"]}
