"""`acme contract`: whether a program can stand in for a service."""

from typing import Annotated

import typer

from acme.commands.options import (
    FAILED,
    NOTHING_RUNS,
    RUN,
    AsJson,
    RunDir,
    completing,
    fail,
    http_url,
    one_of,
)
from shared.topology import SERVICES

SHOP = tuple(service.name for service in SERVICES if service.traced)

app = typer.Typer(rich_markup_mode=None)


def a_shop_service(text: str) -> str:
    return one_of(SHOP, "service of the shop", text)


@app.command()
def contract(
    service: Annotated[
        str,
        typer.Argument(
            help="Which service.",
            metavar="SERVICE",
            parser=a_shop_service,
            autocompletion=completing(SHOP),
        ),
    ],
    url: Annotated[
        str | None,
        typer.Option(
            parser=http_url, metavar="URL", help="Where it is, if not where the shop calls it."
        ),
    ] = None,
    traces: Annotated[
        str | None,
        typer.Option(
            parser=http_url,
            metavar="URL",
            help="Where traces are read: lens or Jaeger; lens of the running shop without it.",
        ),
    ] = None,
    as_json: AsJson = False,
    run_dir: RunDir = RUN,
) -> None:
    """Check whether a program can stand in for a service.

    Its answers and errors, in time; and its spans, which must continue the trace of its caller.
    Exits with 1 if it breaks a promise, with 3 if nothing answers.
    """
    from acme.contract.check import NothingThere
    from acme.contract.report import checked, report, report_as_json
    from shared.errors import SettingError

    try:
        found = checked(service, url, traces, run_dir)
        well = report_as_json(found) if as_json else report(found)
    except SettingError as error:
        fail(error)
    except NothingThere as error:
        fail(error, NOTHING_RUNS)
    if not well:
        raise typer.Exit(FAILED)
