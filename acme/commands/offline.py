"""`acme offline`: all container images in one file, for a room without internet."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from acme.commands.options import AsJson, fail

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Name every image of the stack.

    One that is not on this machine is marked.
    """
    from acme.docker.engine import Docker
    from acme.docker.offline import listed
    from acme.terminal import as_json as json_text

    with one_sentence():
        found = listed(Docker())
    if as_json:
        print(json_text([{"image": name, "here": here} for name, here in found.items()]))
        return
    for name, here in found.items():
        print(name if here else f"{name}  (not here)")


@app.command()
def pack(
    folder: Annotated[Path, typer.Argument(help="Where to write the file.")] = Path(),
) -> None:
    """Save all images to one file."""
    from acme.docker import offline
    from acme.docker.engine import Docker

    with one_sentence():
        file = offline.pack(Docker(), folder.resolve())
    print(f"{file} has {file.stat().st_size >> 20} MiB; on the other machine:")
    print(f"acme offline load {file.name}")


@app.command()
def load(file: Annotated[Path, typer.Argument(help="The file that `pack` wrote.")]) -> None:
    """Load the images on another machine."""
    from acme.docker import offline
    from acme.docker.engine import Docker

    with one_sentence():
        print(offline.load(Docker(), file.resolve()))
    print(f"Now: {offline.NEXT}")


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turns what Docker refused into the end of the command."""
    from acme.docker.engine import DockerFailed

    try:
        yield
    except DockerFailed as error:
        fail(error)
