"""The command line of the shop: `acme up`, `ps`, `kill`, `down`, `doctor` and more.

Exit codes: 0 done; 1 it could not be done, or something is not well; 2 a wrong use of the command
line; 3 nothing runs that could be looked at (`ps`) or killed (`kill`). `down` answers 0 when there
is nothing to stop. `up` answers 0 when it was stopped on request, and 130 when it was interrupted
before it had started anything.

"""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that each is quick

import importlib
import sys
from pathlib import Path
from typing import Annotated

import typer

NOTHING_RUNS = 3
INTERRUPTED = 130
ROOT = Path(__file__).resolve().parents[1]

app = typer.Typer(
    name="acme",
    help="AcmeShop: a shop of small services, for learning distributed tracing.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Folder = Annotated[
    Path, typer.Option("--run-dir", help="Folder with the state and the data of one shop.")
]
Raw = Annotated[bool, typer.Option("--json", help="JSON, for programs to read.")]
RUN = ROOT / ".acme"
ANYTHING = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.command()
def up(  # noqa: PLR0917 - the options of a command line, passed by name
    services: Annotated[
        list[str] | None, typer.Argument(help="Which services; all when none is named.")
    ] = None,
    port_base: Annotated[
        int | None, typer.Option(min=1, help="Use the ports from this one on.")
    ] = None,
    auto_ports: Annotated[
        bool, typer.Option("--auto-ports", help="Use the next free port for each busy one.")
    ] = False,
    no_restart: Annotated[
        bool, typer.Option("--no-restart", help="Leave a crashed service down.")
    ] = False,
    spawn: Annotated[
        bool, typer.Option("--spawn", help="Start a new Python for each service; do not fork.")
    ] = False,
    raw: Raw = False,
    run_dir: Folder = RUN,
) -> None:
    """Start the shop, one process for each service, and show its log until Ctrl-C."""
    from acme.launcher.plan import Wishes
    from acme.launcher.up import up as start
    from shared.topology import BY_NAME

    if unknown := [name for name in services or () if name not in BY_NAME]:
        raise typer.BadParameter(f"{', '.join(unknown)}: the services are {', '.join(BY_NAME)}")
    wishes = Wishes(run_dir, services or (), port_base, auto_ports, not no_restart, spawn, raw)
    raise typer.Exit(start(wishes))


@app.command()
def ps(raw: Raw = False, run_dir: Folder = RUN) -> None:
    """Show every service: process, ports, memory, CPU, and whether it is healthy."""
    from acme.launcher import ps as looking
    from acme.launcher.state import RunFolder

    state = RunFolder(run_dir).running()
    if state is None:
        raise nothing_runs(run_dir)
    found = looking.rows(state)
    print(looking.as_json(state, found) if raw else looking.as_table(state, found))


@app.command()
def kill(
    service: Annotated[str, typer.Argument(help="Which service.")],
    signal: Annotated[str, typer.Option(help="KILL, TERM, STOP, CONT, ...")] = "KILL",
    run_dir: Folder = RUN,
) -> None:
    """Send a signal to one service, SIGKILL unless told otherwise."""
    from acme.launcher import kill as killing
    from acme.launcher.state import RunFolder

    state = RunFolder(run_dir).running()
    if state is None:
        raise nothing_runs(run_dir)
    try:
        print(killing.kill(state, service, killing.number_of(signal)))
    except killing.CannotKill as error:
        raise refused(str(error)) from None


@app.command()
def down(run_dir: Folder = RUN) -> None:
    """Stop the shop that another terminal runs, and wait until it is gone."""
    from acme.launcher.down import down as stop
    from acme.launcher.state import RunFolder

    code, sentence = stop(RunFolder(run_dir))
    print(sentence, file=sys.stderr if code else sys.stdout)
    raise typer.Exit(code)


@app.command()
def doctor(
    docker: Annotated[
        bool, typer.Option("--docker", help="Look at Docker and the stack of containers instead.")
    ] = False,
    run_dir: Folder = RUN,
) -> None:
    """Check this machine, and the shop if it runs, down to a span that arrives in lens."""
    from acme.docker import doctor as containers
    from acme.docker.engine import Docker
    from acme.doctor import examine, tell

    raise typer.Exit(tell(containers.findings(Docker())) if docker else examine(run_dir))


@app.command(context_settings=ANYTHING)
def bench(context: typer.Context) -> None:
    """Measure the shop: `acme bench --help`."""
    hand_over("acme.bench", context)


@app.command(context_settings=ANYTHING)
def audit(context: typer.Context) -> None:
    """Account for every order while services fail and are killed: `acme audit --help`."""
    hand_over("acme.audit", context)


@app.command(context_settings=ANYTHING)
def traffic(context: typer.Context) -> None:
    """Have made-up people click through the shop: `acme traffic --help`."""
    hand_over("acme.traffic.command", context)


@app.command(context_settings=ANYTHING)
def faults(context: typer.Context) -> None:
    """Failures on purpose, listed, put, cleared and explained: `acme faults --help`."""
    hand_over("acme.faults", context)


@app.command(context_settings=ANYTHING)
def scenario(context: typer.Context) -> None:
    """Lessons with faults, begun, repaired and revealed: `acme scenario --help`."""
    hand_over("acme.scenario", context)


@app.command(context_settings=ANYTHING)
def experiment(context: typer.Context) -> None:
    """Try a hypothesis about the shop, with a report: `acme experiment --help`."""
    hand_over("chaos.experiments", context)


@app.command(context_settings=ANYTHING)
def mocks(context: typer.Context) -> None:
    """Generate articles and suggestions: `acme mocks --help`."""
    hand_over("scripts.mocks", context)


@app.command(context_settings=ANYTHING)
def offline(context: typer.Context) -> None:
    """Pack all container images into one file, and load them: `acme offline --help`."""
    hand_over("acme.docker.offline", context)


def hand_over(module: str, context: typer.Context) -> None:
    """Calls the module's `main(arguments)`, which answers an exit code."""
    raise typer.Exit(importlib.import_module(module).main(context.args))


def nothing_runs(run_dir: Path) -> typer.Exit:
    print(f"Nothing runs from {run_dir}; `acme up` starts the shop.", file=sys.stderr)
    return typer.Exit(NOTHING_RUNS)


def refused(sentence: str) -> typer.Exit:
    print(sentence, file=sys.stderr)
    return typer.Exit(1)


def main() -> None:
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
