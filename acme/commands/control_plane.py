"""What `acme faults`, `scenario` and `experiment` share: the control plane that they talk to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acme.commands.options import NOTHING_RUNS, a_session, fail, http_url

if TYPE_CHECKING:
    from chaos.client import ControlPlane

Url = Annotated[
    str | None,
    typer.Option(
        parser=http_url, metavar="URL", help="The control plane, if not that of the running shop."
    ),
]
Session = Annotated[
    str | None,
    typer.Option(
        parser=a_session,
        metavar="ID",
        help="Whose clicks: the first part of the cookie shop_session.",
    ),
]


@contextmanager
def failures() -> Iterator[None]:
    """Ends the command with 1 where the control plane refuses, and with 3 where nothing answers."""
    from chaos.client import Rejected, Unreachable
    from chaos.measures import NoShop

    try:
        yield
    except Rejected as error:
        fail(error)
    except (NoShop, Unreachable) as error:
        fail(error, NOTHING_RUNS)


@contextmanager
def connected(
    run_dir: Path, url: str | None, session: str | None = None
) -> Iterator["ControlPlane"]:
    """The control plane at `url`, or that of the shop that runs from the folder."""
    from acme.running import control_plane

    with failures():
        yield control_plane(run_dir, url, session)
