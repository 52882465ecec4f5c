"""The command line of the shop: `acme up`, `ps`, `kill`, `down`, `doctor` and more.

Exit codes: 0 done; 1 it could not be done, or something is not well; 2 a wrong use of the command
line, a group without a command included; 3 nothing runs that could be looked at, or nothing
answers; 4 an experiment or a scenario did not show what it says. `down` exits with 0 when there is
nothing to stop. `up` exits with 0 when it was stopped on request, and with 130 when it was
interrupted before it had started anything.
"""

import sys
from enum import StrEnum
from typing import Annotated

import typer
from typer._completion_classes import completion_init
from typer.completion import install_callback, show_callback

from acme.commands import (
    contract,
    experiment,
    faults,
    instrumentation,
    load,
    logs,
    mocks,
    offline,
    sampling,
    scenario,
    shop,
    traces,
)
from acme.commands.wrong_use import Commands
from shared import __version__

INTERRUPTED = 130


class Shell(StrEnum):
    """One that completes words."""

    bash = "bash"
    fish = "fish"
    powershell = "powershell"
    pwsh = "pwsh"
    zsh = "zsh"


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,  # Typer's own options guess the shell; ours are given its name
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def print_version(wanted: bool) -> None:
    if wanted:
        print(f"acme {__version__}")
        raise typer.Exit


@app.callback()
def acme(
    version: Annotated[
        bool,
        typer.Option("--version", callback=print_version, is_eager=True, help="Print the version."),
    ] = False,
    show_completion: Annotated[
        Shell | None,
        typer.Option(callback=show_callback, is_eager=True, help="Print the completion script."),
    ] = None,
    install_completion: Annotated[
        Shell | None,
        typer.Option(callback=install_callback, is_eager=True, help="Install shell completion."),
    ] = None,
) -> None:
    """AcmeShop: a shop of small services, for learning distributed tracing."""


for group in (shop, contract, logs, load, mocks, instrumentation):
    app.add_typer(group.app)
app.add_typer(offline.app, name="offline", help="Pack all container images, and load them.")
app.add_typer(faults.app, name="faults", help="Failures on purpose: list, set, clear, explain.")
app.add_typer(scenario.app, name="scenario", help="Lessons in finding faults.")
app.add_typer(traces.app, name="traces", help="Traces on the terminal, and files into lens.")
app.add_typer(sampling.app, name="sampling", help="Which traces are recorded.")
app.add_typer(experiment.app, name="experiment", help="Try a hypothesis about the shop.")


def main() -> None:
    completion_init()
    try:
        app(prog_name="acme")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
