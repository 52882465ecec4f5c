"""`acme offline`: all images of the stack in one file, for a room without internet."""

import argparse
import gzip
import sys
from collections.abc import Sequence
from pathlib import Path

from acme.docker.doctor import is_there
from acme.docker.engine import Docker, DockerFailed

NEXT = "docker compose up --pull never --no-build"
GET = "docker compose --profile '*' pull --ignore-buildable, then docker compose build"


def images(docker: Docker) -> list[str]:
    """Every image that some choice in .env needs."""
    return sorted(set(docker.compose("--profile", "*", "config", "--images").splitlines()))


def architecture(docker: Docker) -> str:
    """What the engine runs, as in amd64."""
    return docker.ask("version", "--format", "{{.Server.Arch}}")


def show(docker: Docker) -> None:
    for image in images(docker):
        print(image if is_there(docker, image) else f"{image}  (not here)")


def pack(docker: Docker, folder: Path) -> Path:
    """Saves all images to a file of the folder; its name tells for which processors."""
    wanted = images(docker)
    if missing := [image for image in wanted if not is_there(docker, image)]:
        raise DockerFailed(f"these images are not here: {', '.join(missing)}; first {GET}")
    target = folder / f"acmeshop-images-{architecture(docker)}.tar.gz"
    unfinished = target.with_suffix(".part")
    try:
        with gzip.open(unfinished, "wb", compresslevel=3) as packed:
            docker.pour(packed, "save", *wanted)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target


def load(docker: Docker, file: Path) -> None:
    """Loads what `pack` has saved; refuses images for other processors than the engine's."""
    here = architecture(docker)
    if "acmeshop-images-" in file.name and f"-{here}." not in file.name:
        raise DockerFailed(f"{file.name} is for other processors: this engine runs {here}")
    try:
        with gzip.open(file) as packed:
            print(docker.feed(packed, "load"))
    except OSError as error:
        raise DockerFailed(f"{file} cannot be read: {error}") from None


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="acme offline", description=__doc__)
    verbs = made.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="name every image of the stack")
    packing = verbs.add_parser("pack", help="save them all to one file")
    packing.add_argument("folder", type=Path, nargs="?", default=Path(), help="where to (here)")
    loading = verbs.add_parser("load", help="load them on another machine")
    loading.add_argument("file", type=Path)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    given, docker = parser().parse_args(arguments), Docker()
    try:
        if given.verb == "list":
            show(docker)
        elif given.verb == "pack":
            file = pack(docker, given.folder.resolve())
            print(f"{file} has {file.stat().st_size >> 20} MiB; on the other machine:")
            print(f"acme offline load {file.name}")
        else:
            load(docker, given.file.resolve())
            print(f"Now: {NEXT}")
    except DockerFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0
