"""`acme mocks`: the generated data of the shop."""

from pathlib import Path
from typing import Annotated

import typer

from acme.commands.options import ROOT

app = typer.Typer(rich_markup_mode=None)


@app.command()
def mocks(
    articles: Annotated[int, typer.Argument(min=1, help="How many articles.")] = 24,
    suggestions: Annotated[int, typer.Argument(min=0, help="Suggestions for each, at most.")] = 4,
    seed: Annotated[int, typer.Option(help="The same seed gives the same texts.")] = 7,
    out: Annotated[Path, typer.Option(help="The folder to write to.", show_default="mocks")] = (
        ROOT / "mocks"
    ),
) -> None:
    """Write the generated data of the shop: mocks/.

    Articles, products with their pictures, what goes with each, and the demo users.
    """
    from scripts.mocks import generate

    generate(articles, suggestions, seed, out)
    print(f"{out} has {articles} articles, each with up to {suggestions} others.")
