"""docs/adding-a-service.md, followed to the letter in a copy of the project."""

import re
import shutil
from pathlib import Path

import pytest

from tests.e2e.launched import ROOT, Launched, get, until

# What comes after its fourth step are examples from the code.
GUIDE = (ROOT / "docs/adding-a-service.md").read_text().partition("## 5.")[0]
PACKAGES = ("acme", "chaos", "lens", "mocks", "services", "shared", "traces")
BLOCK = re.compile(r"`([\w/]+\.py)`(?:(?!```).)*?```(?:python)?\n(.*?)```", re.DOTALL)
FAULTS = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
LENS = '    Service(\n        "lens",'


@pytest.fixture
def copy(launched: Launched, tmp_path: Path) -> Launched:
    """A shop that runs from a copy of the code, in which the guide's files are written."""
    code = tmp_path / "code"
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, code / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", code)
    for name, text in BLOCK.findall(GUIDE):
        file = code / name
        file.parent.mkdir(exist_ok=True)
        # Of the table the guide has one row only.
        row = name == "shared/topology.py"
        file.write_text(file.read_text().replace(LENS, text + LENS, 1) if row else text)
    launched.environ["PYTHONPATH"] = str(code)
    return launched


def test_the_guide_adds_a_service_and_a_fault_to_it(copy: Launched, tmp_path: Path) -> None:
    copy.up("reviews", "lens", "chaos")
    url = copy.services()["reviews"]["url"]

    assert get(f"{url}/reviews/tea-set")[0] == 200
    assert get(f"{url}/reviews/nothing") == (
        404,
        '{"error":"not_found","detail":"no reviews of nothing"}',
    )
    traces = f"{copy.services()['lens']['url']}/api/traces?service=reviews"
    until(lambda: "rate product" in get(traces)[1])

    done = copy.acme("faults", "set", "reviews-failure", "--rate", "1")
    assert done.returncode == 0, done.stderr
    until(lambda: get(f"{url}/reviews/tea-set")[0] == 503)
    assert copy.acme("faults", "clear", "--all").returncode == 0
    until(lambda: get(f"{url}/reviews/tea-set")[0] == 200)

    (faults,) = FAULTS.findall(GUIDE)
    (tmp_path / "slow-reviews.yaml").write_text(faults)
    done = copy.acme("faults", "set", "slow-reviews.yaml")
    assert done.returncode == 0, done.stderr
    assert "slow-reviews" in copy.acme("faults", "list").stdout
