"""`acme experiment`: a hypothesis about the running shop, tried by doing something to it."""

from pathlib import Path
from typing import Annotated

import typer

from acme.commands.control_plane import failures
from acme.commands.options import MOST_SEED, ROOT, RUN, AsJson, RunDir, completing, fail
from acme.terminal import as_json as json_text

SHIPPED = [file.stem for file in sorted((ROOT / "chaos" / "experiments").glob("*.yaml"))]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the experiments that come with the shop."""
    from acme.terminal import columns
    from chaos.experiments import toolkit

    rows = [(file.stem, str(toolkit.read_file(file)["title"])) for file in toolkit.shipped()]
    if as_json:
        print(json_text([{"experiment": name, "title": title} for name, title in rows]))
    else:
        print(columns(("experiment", "what it tries"), rows))


@app.command()
def run(
    experiment: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            autocompletion=completing(SHIPPED),
            help="A file, or the name of one in chaos/experiments/.",
        ),
    ],
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write FILE.html and FILE.md.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=MOST_SEED,
            help="Of the visitors: the same seed, the same clicks fail.",
            show_default="the experiment's own",
        ),
    ] = None,
    as_json: AsJson = False,
    run_dir: RunDir = RUN,
) -> None:
    """Run one, with a report.

    The hypothesis is checked before and after something is done to the shop; Chaos Toolkit is the
    engine. Exits with 4 when the hypothesis does not hold, and with 1 when it could not be tried.
    """
    from acme.experiment.run import Experiment
    from chaos.experiments.toolkit import CannotRun

    with failures():
        try:
            result = Experiment.find(experiment, run_dir, seed).run()
            if as_json:
                print(json_text(result.as_json()))
            else:
                result.show()
            if report:
                written = result.write_report(report)
                typer.echo(f"The report is in {' and '.join(map(str, written))}.", err=as_json)
        except CannotRun as error:
            fail(error)
    raise typer.Exit(result.verdict.code)
