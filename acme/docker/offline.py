"""`acme offline`: all images of the stack in one file, for a room without internet."""

import gzip
from pathlib import Path

from acme.docker.engine import Docker, DockerFailed
from acme.doctor.containers import is_there

NEXT = "docker compose up --pull never --no-build"
GET = "docker compose --profile '*' pull --ignore-buildable, then docker compose build"


def images(docker: Docker) -> list[str]:
    """Every image that some choice in .env needs."""
    return sorted(set(docker.compose("--profile", "*", "config", "--images").splitlines()))


def architecture(docker: Docker) -> str:
    """What the engine runs, as in amd64."""
    return docker.ask("version", "--format", "{{.Server.Arch}}")


def listed(docker: Docker) -> dict[str, bool]:
    """Every image, and whether it is on this machine."""
    return {image: is_there(docker, image) for image in images(docker)}


def pack(docker: Docker, folder: Path) -> Path:
    """Saves all images to a file of the folder; its name says for which processors."""
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


def load(docker: Docker, file: Path) -> str:
    """Loads what `pack` has saved, and returns what Docker printed. Raises DockerFailed for images
    for other processors than the engine's.
    """
    here = architecture(docker)
    if "acmeshop-images-" in file.name and f"-{here}." not in file.name:
        raise DockerFailed(f"{file.name} is for other processors: this engine runs {here}")
    try:
        with gzip.open(file) as packed:
            return docker.feed(packed, "load")
    except OSError as error:
        raise DockerFailed(f"{file} cannot be read: {error}") from None
