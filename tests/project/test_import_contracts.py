"""The import contracts break where they should: each forbidden import, tied into a scratch copy of
the packages, is reported by lint-imports.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]


@dataclass(frozen=True)
class Knot:
    """An import that is forbidden; `allowed` is the exception that still lets it pass, if any."""

    importer: str
    imported: str
    allowed: str = ""

    def __str__(self) -> str:
        return f"{self.importer} -> {self.imported}"


KNOTS = (
    Knot("shared.money", "chaos.engine.model", allowed="shared.** -> chaos.**"),
    Knot("lens.domain.ids", "services.cart.app"),
    Knot("lens.domain.durations", "shared.topology"),
    Knot("services.cart.domain", "services.orders.domain"),
    Knot("services.frontend.domain.paths", "services.frontend.views.explained"),
    Knot("services.users.domain", "sqlite3"),
    Knot("traces.units", "shared.money"),
    Knot("traces.tree", "urllib"),
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What lint-imports says of the packages with all the knots tied."""
    scratch = tmp_path_factory.mktemp("knotted")
    for package in LINTER["root_packages"]:
        only_python = shutil.ignore_patterns("__pycache__", "pages", "static")
        shutil.copytree(ROOT / package, scratch / package, ignore=only_python)
    shutil.copy(ROOT / "pyproject.toml", scratch)
    for knot in KNOTS:
        file = scratch.joinpath(*knot.importer.split(".")).with_suffix(".py")
        with file.open("a") as module:
            module.write(f"\nimport {knot.imported}\n")
    # The packages are installed from here: those of the scratch folder must be found first.
    script = (
        f"import sys; sys.path.insert(0, {str(scratch)!r}); "
        "from importlinter.cli import lint_imports; "
        "sys.exit(lint_imports(no_cache=True))"
    )
    run = subprocess.run(
        [sys.executable, "-P", "-c", script],
        cwd=scratch,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stdout + run.stderr
    return run.stdout


@pytest.mark.parametrize("knot", KNOTS, ids=str)
def test_a_forbidden_import_is_reported(knot: Knot, report: str) -> None:
    exceptions = {line for one in LINTER["contracts"] for line in one.get("ignore_imports", ())}
    if knot.allowed in exceptions:
        pytest.skip(f"the contracts still allow {knot.allowed}")
    line = rf"\b{re.escape(knot.importer)} -> {re.escape(knot.imported)} \(l"
    assert re.search(line, report), report
