"""`acme sampling`: which traces are recorded."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from acme.commands.load import Seed
from acme.commands.options import (
    NOTHING_RUNS,
    RUN,
    AsJson,
    RunDir,
    completing,
    fail,
    http_url,
    one_of,
)
from acme.terminal import as_json as json_text
from shared.topology import BY_NAME

SERVICES = ("default", *(name for name, row in BY_NAME.items() if row.traced))

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
Lens = Annotated[
    str | None,
    typer.Option(parser=http_url, metavar="URL", help="lens, if not that of the running shop."),
]


def samplers(incomplete: str) -> list[str]:
    from acme.sampling.strategies import SETTABLE

    return [name for name in SETTABLE if name.startswith(incomplete)]


def variants(incomplete: str) -> list[str]:
    from acme.sampling.compare.variants import NAMES

    return [name for name in NAMES if name.startswith(incomplete)]


def a_variant(text: str) -> str:
    from acme.sampling.compare.variants import NAMES

    return one_of(NAMES, "sampler to compare", text)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the samplers, and what each records.

    The names of OpenTelemetry's specification, our own, and those of the Jaeger clients.
    """
    from acme.sampling import listing

    if as_json:
        print(json_text(listing.as_json()))
    else:
        listing.show()


@app.command()
def show(as_json: AsJson = False, url: Lens = None, run_dir: RunDir = RUN) -> None:
    """Show the strategies that remote samplers follow.

    The JSON is that of the file that Jaeger reads.
    """
    from acme.sampling.strategies import Strategies

    with connected(run_dir, url) as lens:
        found = Strategies.of(lens)
        if as_json:
            print(json_text(found.document))
        else:
            found.show()


@app.command("set")
def set_(
    service: Annotated[
        str,
        typer.Argument(
            help="Which service, or `default` for all that have no strategy of their own.",
            autocompletion=completing(SERVICES),
        ),
    ],
    sampler: Annotated[
        str,
        typer.Argument(
            help="probabilistic, ratelimiting, const, or `default` to have that of all others.",
            autocompletion=samplers,
        ),
    ],
    param: Annotated[
        str, typer.Argument(metavar="[NUMBER]", help="A share from 0 to 1, or traces per second.")
    ] = "",
    operation: Annotated[
        str,
        typer.Option(metavar="NAME", help="For the traces that begin with this operation alone."),
    ] = "",
    url: Lens = None,
    run_dir: RunDir = RUN,
) -> None:
    """Set which traces a service records.

    Services with a remote sampler follow within their poll interval.
    """
    from acme.sampling.strategies import EVERYBODY, INHERIT, NoStrategy, after_set, put, strategy

    try:
        wanted = None if sampler == INHERIT else strategy(sampler, param)
    except NoStrategy as error:
        raise typer.BadParameter(str(error)) from None
    if service == EVERYBODY and wanted is None and not operation:
        raise typer.BadParameter("`default default` changes nothing; name a service, or a sampler")
    if operation and wanted is not None and wanted["type"] != "probabilistic":
        raise typer.BadParameter("an operation can have a share of its own, not a rate limit")
    with connected(run_dir, url) as lens:
        put(lens, service, wanted, operation)
        for line in after_set(lens, service):
            print(line)


@app.command()
def compare(
    sampler: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            parser=a_variant,
            autocompletion=variants,
            help="Which samplers, given once for each; always_on is there in any case.",
            show_default="all",
        ),
    ] = None,
    requests: Annotated[
        int, typer.Option(min=20, max=1000, help="How many requests under each sampler.")
    ] = 400,
    seed: Seed = 267,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a report to this file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Try the same traffic under several samplers.

    Each has a temporary shop of its own, one after the other: about 15 seconds for each. Exits
    with 1 when a sampler did not keep what it promises.
    """
    from rich.console import Console

    from acme.commands.load import conclude
    from acme.sampling.compare.report import write
    from acme.sampling.compare.run import Options, run, show

    options = Options(requests, seed, sampler or ())
    try:
        found = asyncio.run(run(options, Console(stderr=True)))
        if html is not None:
            write(html, found)
    except TimeoutError as error:
        fail(error)
    except OSError as error:
        fail(f"{html} cannot be written: {error.strerror}")
    conclude(found, show, as_json=as_json)


@contextmanager
def connected(run_dir: Path, url: str | None) -> Iterator[str]:
    """lens at `url`, or that of the shop that runs from the folder; ends the command with 3 where
    nothing answers, and with 1 where lens refuses.
    """
    from acme.connection import Unreachable
    from acme.running import running_shop
    from acme.sampling.strategies import Refused
    from chaos.measures import NoShop

    try:
        yield url or running_shop(run_dir).lens
    except Refused as error:
        fail(error)
    except (NoShop, Unreachable) as error:
        fail(error, NOTHING_RUNS)
