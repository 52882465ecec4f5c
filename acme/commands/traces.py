"""`acme traces`: files of traces, into lens."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from acme.commands.options import FAILED, NOTHING_RUNS, RUN, AsJson, RunDir, fail, http_url
from acme.terminal import as_json as json_text

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def traces() -> None:
    """Files of traces."""


@app.command("import")
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            help="OTLP as JSON, JSON lines or protobuf, Jaeger or Zipkin JSON; plain or as gzip.",
        ),
    ],
    as_json: AsJson = False,
    url: Annotated[
        str | None,
        typer.Option(parser=http_url, metavar="URL", help="lens, if not that of the running shop."),
    ] = None,
    run_dir: RunDir = RUN,
) -> None:
    """Show traces out of files in lens.

    Says for each file what was read and what was not. Exits with 1 if one of them has no trace.
    """
    from acme.importing import NotImported, Unreachable, import_file, sentence
    from acme.running import running_shop
    from chaos.measures import NoShop

    found = []
    failed = False
    try:
        lens = url or running_shop(run_dir).lens
        for file in files:
            try:
                found.append(import_file(lens, file))
            except NotImported as error:
                failed = True
                print(error, file=sys.stderr)
            else:
                if not as_json:
                    print(sentence(lens, found[-1]))
    except (NoShop, Unreachable) as error:
        fail(error, NOTHING_RUNS)
    if as_json:
        print(json_text(found))
    if failed:
        raise typer.Exit(FAILED)
