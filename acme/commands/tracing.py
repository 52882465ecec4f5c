"""What the commands that read traces and log lines share: whom they ask, and for which trace."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acme.commands.options import NOTHING_RUNS, fail, http_url
from acme.terminal import Colours, did_you_mean, wanted

if TYPE_CHECKING:
    from acme.explorer.backend import Backend

Lens = Annotated[
    str | None,
    typer.Option(
        parser=http_url, metavar="URL", help="lens or Jaeger, if not lens of the running shop."
    ),
]


def colours() -> Colours:
    """Colours, where standard output is a terminal that may have them."""
    from acme.launcher import environment

    return Colours(wanted(environment.own(), sys.stdout.isatty()))


def trace_id(text: str) -> str:
    """The trace's id out of what a person pastes: an id, a traceparent, the address of a page."""
    from lens.domain.ids import pasted

    found = pasted(text)
    if found is None:
        raise typer.BadParameter(f"{text} has no trace id: up to 32 digits of 0-9 and a-f")
    return found.trace_id


def duration_ns(text: str) -> int:
    from lens.domain.durations import parse_duration

    found = parse_duration(text)
    if found is None:
        raise typer.BadParameter(f"{text} is not a duration such as 100ms, 1.5s, 15m or 2d")
    return found


def since_ns(text: str) -> int:
    """The moment so long ago, in nanoseconds since the epoch."""
    return max(0, time.time_ns() - duration_ns(text))


def other_service(backend: "Backend", name: str) -> str:
    """` Did you mean 'cart'?`, where the backend knows no service of this name."""
    known = backend.services() if name else []
    return "" if name in known else did_you_mean(name, known)


@contextmanager
def connected(run_dir: Path, url: str | None) -> Iterator["Backend"]:
    """The backend at `url`, or lens of the shop that runs from the folder. Ends the command with 1
    where it refuses, and with 3 where nothing answers.
    """
    from acme.connection import Unreachable
    from acme.explorer.backend import Backend, Refused
    from acme.running import running_shop
    from chaos.measures import NoShop

    try:
        yield Backend(url or running_shop(run_dir).lens)
    except Refused as error:
        fail(error)
    except (NoShop, Unreachable) as error:
        fail(error, NOTHING_RUNS)
