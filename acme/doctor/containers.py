"""`acme doctor --docker`: looks at Docker, and at the stack if it runs, down to a span that goes
through the collector to lens.
"""

import json
import platform
import re
from collections.abc import Iterator
from pathlib import Path

from acme.docker.engine import NOT_THERE, SHOP, Container, Docker, DockerFailed, Project, containers
from acme.doctor.finding import Finding, graded
from acme.launcher.sockets import listen, why

OLDEST_COMPOSE = (2, 24)
COLLECTOR, LENS = "otel-collector", "lens"
CPUS = Path("/proc/cpuinfo")
INSTALL = "Install Docker Engine or Docker Desktop: https://docs.docker.com/get-docker/"
START = "Start Docker, or see whether you may use it: `docker info`."
NEWER = "Update Docker, or its compose plugin: the file needs Compose 2.24 or newer."
LESS = "Give Docker more, or take less: ACME_SHOP=compact ACME_STORES=sqlite ACME_TRACES=lens."
SQLITE = "MongoDB would end with `Illegal instruction`: ACME_STORES=sqlite does without it."
GET = "`docker compose up` gets them; without internet `acme offline load FILE` does."
OTHER_PORT = "Stop that program, or choose another port: .env has them all."


def findings(docker: Docker) -> Iterator[Finding]:
    """Every finding; what needs Docker is left out where there is none."""
    try:
        yield engine(docker)
        yield compose(docker)
        project = Project.read(docker)
        yield from machine(docker, project)
        yield from images(docker, project)
        there = containers(docker)
        yield from of_running(docker, project, there) if there else ports(project)
    except DockerFailed as error:
        yield Finding("fail", str(error), INSTALL if str(error) == NOT_THERE else START)


def engine(docker: Docker) -> Finding:
    server = json.loads(docker.ask("version", "--format", "{{json .Server}}"))
    return Finding("ok", f"Docker Engine {server['Version']} for {server['Os']}/{server['Arch']}")


def compose(docker: Docker) -> Finding:
    version_text = docker.compose("version", "--short")
    version = tuple(map(int, re.findall(r"\d+", version_text)[:2]))
    old = version < OLDEST_COMPOSE
    return Finding("fail" if old else "ok", f"Docker Compose {version_text}", NEWER if old else "")


def machine(docker: Docker, project: Project) -> Iterator[Finding]:
    """Has Docker what the chosen stack may take?"""
    info = json.loads(docker.ask("info", "--format", "{{json .}}"))
    there, wanted = info["MemTotal"] >> 20, project.memory()
    mark = graded(there, enough=wanted, least=wanted / 2)
    what = f"Docker has {there} MiB of memory; the containers may take {wanted} MiB"
    yield Finding(mark, what, "" if mark == "ok" else LESS)
    yield Finding(graded(info["NCPU"], enough=2, least=1), f"Docker has {info['NCPU']} CPUs")
    if "mongo" in project.services and info["Architecture"] == "x86_64":
        yield from avx(docker)


def avx(docker: Docker) -> Iterator[Finding]:
    """MongoDB 5 and later need AVX; nothing is yielded where that cannot be known."""
    try:
        flags = CPUS.read_text() if platform.system() == "Linux" else cpus_of_container(docker)
    except DockerFailed:
        return
    if re.search(r"\bavx\b", flags):
        yield Finding("ok", "the processor has AVX, which MongoDB needs")
    else:
        yield Finding("fail", "the processor has no AVX, which MongoDB needs", SQLITE)


def cpus_of_container(docker: Docker) -> str:
    quietly = ("--rm", "--network=none", "--pull=never")
    return docker.ask("run", *quietly, "--entrypoint=cat", SHOP, str(CPUS))


def images(docker: Docker, project: Project) -> Iterator[Finding]:
    missing = [name for name in project.images() if not is_there(docker, name)]
    if missing:
        yield Finding("warn", f"images not here yet: {', '.join(missing)}", GET)
    else:
        yield Finding("ok", f"all {len(project.images())} images are here")


def is_there(docker: Docker, image: str) -> bool:
    try:
        docker.ask("image", "inspect", "--format", "{{.Id}}", image)
    except DockerFailed as failure:
        if "no such" in str(failure).lower():
            return False
        raise
    return True


def ports(project: Project) -> Iterator[Finding]:
    """Whether the ports are free; for when the stack does not run."""
    yield Finding("ok", "the stack does not run")
    taken = 0
    for service, host, port in project.ports():
        try:
            listen(host, port).close()
        except OSError as error:
            taken += 1
            yield Finding("fail", f"{host}:{port}, for {service}: {why(error)}", OTHER_PORT)
    if not taken:
        yield Finding("ok", f"{len(list(project.ports()))} ports are free")


def of_running(docker: Docker, project: Project, there: list[Container]) -> Iterator[Finding]:
    ill = [one for one in there if not one.is_well]
    yield Finding("ok", f"{len(there) - len(ill)} of {len(there)} containers are well")
    for one in ill:
        logs = f"`docker compose logs {one.service}` says more."
        yield Finding("warn" if one.is_starting else "fail", one.description, logs)
    for name in sorted(project.services.keys() - {one.service for one in there}):
        yield Finding("fail", f"{name} was not started", f"`docker compose up -d {name}`")
    if LENS not in {one.service for one in there if one.is_well}:
        what = "lens does not run: no span can be read back"
        yield Finding("warn", what, "ACME_TRACES=none leaves it out; any other choice starts it.")
        return
    yield from inside(docker, collected=COLLECTOR in project.services)


def inside(docker: Docker, *, collected: bool) -> Iterator[Finding]:
    """What can be seen from within the network of the containers alone."""
    lines = docker.compose(
        "exec", "-T", LENS, "python", "-m", "acme.doctor.inside", *[COLLECTOR] * collected
    )
    for line in lines.splitlines():
        yield Finding(**json.loads(line))
