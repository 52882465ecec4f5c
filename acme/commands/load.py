"""`acme traffic`, `bench` and `audit`: load on a shop, and what came of it.

Each shows on standard error how far it is; the result goes to standard output.
"""

from collections.abc import Callable, Coroutine
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn, Protocol, TypeVar

import typer

from acme.commands.options import (
    FAILED,
    MOST_SEED,
    PROGRAMS,
    RUN,
    AsJson,
    RunDir,
    a_program,
    completing,
    fail,
    finite,
    http_url,
    need_packages,
)

Seed = Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Of all that is left to chance.")]

app = typer.Typer(rich_markup_mode=None)


def rate(what: str) -> Any:
    return typer.Option(min=0, max=1, callback=finite, metavar="RATE", help=what)


class Journey(StrEnum):
    """What a simulated person does."""

    browse = "browse"
    buy = "buy"
    mixed = "mixed"


@app.command()
def traffic(
    users: Annotated[int, typer.Option(min=1, max=1000, help="People at a time.")] = 5,
    rate: Annotated[
        float,
        typer.Option(min=0.01, max=1000, callback=finite, help="Clicks a second, of all people."),
    ] = 5.0,
    journey: Annotated[Journey, typer.Option(help="What they do.")] = Journey.mixed,
    seed: Seed = 1,
    seconds: Annotated[
        float | None,
        typer.Option(min=0.1, max=86_400, callback=finite, help="For how long.", show_default="30"),
    ] = None,
    clicks: Annotated[
        int | None, typer.Option(min=1, max=10_000_000, help="How many clicks, instead of a time.")
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            parser=http_url,
            metavar="URL",
            help="The shop to click through; by default the one that runs.",
        ),
    ] = None,
    elsewhere: Annotated[
        bool, typer.Option("--elsewhere", help="The shop may be on another machine.")
    ] = False,
    as_json: AsJson = False,
    run_dir: RunDir = RUN,
) -> None:
    """Have simulated people click through the shop.

    They do it as a browser does, and every click is a trace. That the shop fails is no failure
    of this command; that nothing answers at all is one.
    """
    from rich.console import Console

    from acme.terminal import as_json as json_text
    from acme.traffic.run import NoTarget, Options, Target, document, show
    from acme.traffic.run import traffic as click_through

    if seconds is not None and clicks is not None:
        raise typer.BadParameter("give --seconds or --clicks, not both", param_hint="'--clicks'")
    try:
        target = Target.find(run_dir, url)
        if not (target.is_near or elsewhere):
            raise typer.BadParameter(
                f"{target.url} is not on this machine; --elsewhere allows that",
                param_hint="'--url'",
            )
        target.check()
    except NoTarget as error:
        fail(error)
    options = Options(users, rate, journey.value, seed, seconds or 30.0, clicks)
    crowd = click_through(target, options, Console(stderr=True))
    if as_json:
        print(json_text(document(crowd, target)))
    else:
        show(crowd, target)
    raise typer.Exit(0 if crowd.outcomes.answered else FAILED)


@app.command()
def bench(
    seconds: Annotated[
        float, typer.Option(min=0.5, max=3600, callback=finite, help="Load in each round.")
    ] = 10.0,
    rounds: Annotated[int, typer.Option(min=1, max=1000, help="Rounds of each variant.")] = 3,
    connections: Annotated[int, typer.Option(min=1, max=1000, help="Requests at a time.")] = 16,
    warm_up: Annotated[
        float, typer.Option(min=0, max=3600, callback=finite, help="Seconds before it counts.")
    ] = 2.0,
    untraced: Annotated[
        bool, typer.Option("--untraced", help="A second shop without tracing, turn by turn.")
    ] = False,
    instrumentation: Annotated[
        bool,
        typer.Option(
            "--instrumentation", help="A shop for each ACME_INSTRUMENTATION, turn by turn."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure the order-status chain of a temporary shop.

    Faults are off, and every request is traced. Exits with 1 when an answer was wrong or a span
    was dropped.
    """
    from rich.console import Console

    from acme.bench.run import INSTRUMENTED, TRACED, UNTRACED, Options, run, show

    if instrumentation:
        need_packages()
    if untraced and instrumentation:
        raise typer.BadParameter("off is untraced", param_hint="'--untraced'")
    variants = INSTRUMENTED if instrumentation else {**TRACED, **(UNTRACED if untraced else {})}
    options = Options(seconds, rounds, connections, warm_up, variants)
    end(run(options, Console(stderr=True)), show, as_json=as_json)


@app.command()
def audit(
    context: typer.Context,
    orders: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many orders.")] = 200,
    buyers: Annotated[int, typer.Option(min=1, max=200, help="Buyers at a time.")] = 6,
    seed: Seed = 1,
    auth: Annotated[float, rate("Failures of auth.")] = 0.2,
    carrier: Annotated[float, rate("Failures of the carrier.")] = 0.3,
    payment: Annotated[float, rate("Failures of payment.")] = 0.1,
    kill: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SERVICE",
            parser=a_program,
            autocompletion=completing(PROGRAMS),
            help="Which services to kill, given once for each.",
            show_default="orders, payment, shipping, cart, redis",
        ),
    ] = None,
    kills: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=10_000,
            help="How many times in all; one in eight is the launcher's, and with it everybody's.",
            show_default="one in 50 orders, at least 8",
        ),
    ] = None,
    log: Annotated[
        Path | None, typer.Option(help="Write the log of the shop to this file.")
    ] = None,
    api: Annotated[
        bool,
        typer.Option(
            "--api",
            help="Try every service against its OpenAPI document instead; needs schemathesis.",
        ),
    ] = False,
    cases: Annotated[
        int, typer.Option(min=1, max=10_000, help="With --api: requests for each operation.")
    ] = 50,
    as_json: AsJson = False,
) -> None:
    """Account for every order while services are killed.

    Buyers check out in a temporary shop while services fail and are killed; once in eight times it
    is the launcher, and the shop starts again on the same data. Every order
    acknowledged must be stored once, charged once and shipped once; exits with 1 when that is
    not so, or a buyer gave up. With --api nothing fails or is killed: every operation is tried
    with what its document allows and what it does not; exits with 1 when an answer is not as
    documented.
    """
    from rich.console import Console

    from acme.audit.run import Options, run, show

    if api:
        refuse_load_options(context)
        audit_api(cases, seed, log, as_json=as_json)
    times = max(8, orders // 50) if kills is None else kills
    options = Options(orders, buyers, seed, auth, carrier, payment, tuple(kill or ()), times, log)
    end(run(options, Console(stderr=True)), show, as_json=as_json)


class Result(Protocol):
    """What came of a bench or an audit."""

    @property
    def passed(self) -> bool: ...
    def as_json(self) -> object: ...


R = TypeVar("R", bound=Result)


def end(running: Coroutine[Any, Any, R], show: Callable[[R], None], *, as_json: bool) -> NoReturn:
    """Waits for the result, prints it, and ends the command: with 1 unless all was well."""
    import asyncio

    try:
        result = asyncio.run(running)
    except TimeoutError as error:
        fail(error)
    conclude(result, show, as_json=as_json)


def conclude(result: R, show: Callable[[R], None], *, as_json: bool) -> NoReturn:
    from acme.terminal import as_json as json_text

    if as_json:
        print(json_text(result.as_json()))
    else:
        show(result)
    raise typer.Exit(0 if result.passed else FAILED)


def refuse_load_options(context: typer.Context) -> None:
    """Raises BadParameter for an option that does nothing with --api."""
    for name in ("orders", "buyers", "auth", "carrier", "payment", "kill", "kills"):
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter("with --api nothing is ordered", param_hint=f"'--{name}'")


def audit_api(cases: int, seed: int, log: Path | None, *, as_json: bool) -> NoReturn:
    from rich.console import Console

    from acme.audit.api import NotInstalled, Options, run, show

    try:
        result = run(Options(cases, seed, log), Console(stderr=True))
    except (NotInstalled, TimeoutError) as error:
        fail(error)
    conclude(result, show, as_json=as_json)
