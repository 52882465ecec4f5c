"""`acme up`, `ps`, `kill`, `down` and `doctor`: one shop on this machine."""

from typing import Annotated

import typer

from acme.commands.options import (
    FAILED,
    NOTHING_RUNS,
    PROGRAMS,
    RUN,
    AsJson,
    RunDir,
    a_program,
    a_service,
    completing,
    fail,
    one_of,
)
from acme.terminal import did_you_mean
from shared.profiles import PROFILES
from shared.topology import BY_NAME

SIGNALS = ("KILL", "TERM", "INT", "STOP", "CONT", "HUP", "QUIT")

app = typer.Typer(rich_markup_mode=None)


def a_profile(text: str) -> str:
    return one_of(PROFILES, "profile", text)


def a_signal(text: str) -> str:
    """The text, if it names a signal: `KILL`, `SIGKILL`, `kill` or `9`."""
    from acme.launcher.stop import CannotKill, number_of

    try:
        number_of(text)
    except CannotKill as error:
        hint = did_you_mean(text.upper(), SIGNALS) or f" There are {', '.join(SIGNALS)}, ..."
        raise typer.BadParameter(f"{error}{hint}") from None
    return text


@app.command()
def up(
    services: Annotated[
        list[str] | None,
        typer.Argument(
            help="Which services; all when none is named.",
            metavar="SERVICE",
            parser=a_service,
            autocompletion=completing(BY_NAME),
        ),
    ] = None,
    port_base: Annotated[
        int | None, typer.Option(min=1, help="Use the ports from this one on.")
    ] = None,
    auto_ports: Annotated[
        bool, typer.Option("--auto-ports", help="Use the next free port for each busy one.")
    ] = False,
    without: Annotated[
        list[str] | None,
        typer.Option(
            help="Do not start this one: a program of yours stands in for it. May be repeated.",
            metavar="SERVICE",
            parser=a_service,
            autocompletion=completing(BY_NAME),
        ),
    ] = None,
    no_restart: Annotated[
        bool, typer.Option("--no-restart", help="Leave a crashed service down.")
    ] = False,
    spawn: Annotated[
        bool, typer.Option("--spawn", help="Start a new Python for each service; do not fork.")
    ] = False,
    profile: Annotated[
        str | None,
        typer.Option(
            parser=a_profile,
            metavar="PROFILE",
            help="Header formats of the trace context: standard, mixed or broken (ACME_PROFILE).",
            autocompletion=completing(PROFILES),
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the log as the services write it: JSON lines.")
    ] = False,
    run_dir: RunDir = RUN,
) -> None:
    """Start the shop and show its log until Ctrl-C.

    Each service is a process of its own.
    """
    from acme.launcher.plan import UpOptions
    from acme.launcher.up import up as start

    options = UpOptions(
        run_dir,
        services or (),
        port_base,
        auto_ports,
        not no_restart,
        spawn,
        as_json,
        without or (),
        profile or "",
    )
    raise typer.Exit(start(options))


@app.command()
def ps(as_json: AsJson = False, run_dir: RunDir = RUN) -> None:
    """Show every service: process, ports, memory, CPU, health."""
    from acme.launcher.state import RunFolder

    state = RunFolder(run_dir).running()
    if state is None:
        fail(nothing_runs(run_dir), NOTHING_RUNS)

    from acme.launcher import ps as looking

    found = looking.rows(state)
    print(looking.as_json(state, found) if as_json else looking.as_table(state, found))


@app.command()
def kill(
    service: Annotated[
        str,
        typer.Argument(
            help="Which service.",
            metavar="SERVICE",
            parser=a_program,
            autocompletion=completing(PROGRAMS),
        ),
    ],
    signal: Annotated[
        str,
        typer.Option(
            parser=a_signal,
            metavar="SIGNAL",
            help="KILL, TERM, STOP, CONT, ...",
            autocompletion=completing(SIGNALS),
        ),
    ] = "KILL",
    run_dir: RunDir = RUN,
) -> None:
    """Send a signal to one service, SIGKILL by default."""
    from acme.launcher import stop
    from acme.launcher.state import RunFolder

    state = RunFolder(run_dir).running()
    if state is None:
        fail(nothing_runs(run_dir), NOTHING_RUNS)
    try:
        print(stop.kill(state, service, stop.number_of(signal)))
    except stop.CannotKill as error:
        fail(error)


@app.command()
def down(run_dir: RunDir = RUN) -> None:
    """Stop the shop that another terminal runs.

    Returns when it is gone.
    """
    from acme.launcher import stop
    from acme.launcher.state import RunFolder

    code, sentence = stop.down(RunFolder(run_dir))
    if code:
        fail(sentence, code)
    print(sentence)


@app.command()
def doctor(
    docker: Annotated[
        bool, typer.Option("--docker", help="Look at Docker and the stack of containers instead.")
    ] = False,
    as_json: AsJson = False,
    run_dir: RunDir = RUN,
) -> None:
    """Check this machine, and the shop if it runs.

    Down to a span that arrives in lens, and a value that Redis gives back.
    """
    from acme.docker.engine import Docker
    from acme.doctor import containers
    from acme.doctor.finding import report, report_as_json
    from acme.doctor.shop import findings
    from acme.launcher.state import RunFolder

    found = containers.findings(Docker()) if docker else findings(RunFolder(run_dir))
    well = report_as_json(found) if as_json else report(found)
    raise typer.Exit(0 if well else FAILED)


def nothing_runs(run_dir: object) -> str:
    return f"Nothing runs from {run_dir}; `acme up` starts the shop."
