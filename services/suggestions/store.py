"""Where suggestions come from: one file, read once."""

from pathlib import Path

from shared.mocks import read_mocks


def read_suggestions(folder: Path) -> dict[str, tuple[str, ...]]:
    """What goes with an article, by its id, and with a product, by its own."""
    mocks = read_mocks(folder / "suggestions.json")
    listed = {**mocks["suggestions"], **mocks["products"]}
    return {id_: tuple(suggested) for id_, suggested in listed.items()}
