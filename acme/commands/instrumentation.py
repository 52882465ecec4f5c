"""`acme instrumentation`: one order, traced by whoever can."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from acme.commands.load import conclude
from acme.commands.options import AsJson, fail, need_packages

app = typer.Typer(rich_markup_mode=None)


class Who(StrEnum):
    """Who makes the spans."""

    manual = "manual"
    native = "native"
    auto = "auto"


@app.command()
def instrumentation(
    who: Annotated[
        list[Who] | None, typer.Argument(metavar="[WHO]...", show_default="manual native auto")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the trace of one order under each instrumentation.

    WHO is a value of ACME_INSTRUMENTATION; each has a temporary shop without faults. Exits with 1
    unless all traces show the same calls between services.
    """
    from acme.instrumentation.run import INSTRUMENTATIONS, compare, show

    if not who or Who.auto in who:
        need_packages()
    wanted = list(dict.fromkeys(one.value for one in who)) if who else INSTRUMENTATIONS
    try:
        compared = compare(wanted, lambda line: print(line, file=sys.stderr))
    except TimeoutError as error:
        fail(error)
    conclude(compared, show, as_json=as_json)
