"""The workflow of GitHub may read only, and runs no action that somebody else could change."""

import re

import pytest
import yaml

from scripts.tables import ROOT

TEXT = (ROOT / ".github/workflows/ci.yml").read_text()
JOBS = yaml.safe_load(TEXT)["jobs"]


def test_it_may_read_and_nothing_else() -> None:
    assert yaml.safe_load(TEXT)["permissions"] == {"contents": "read"}
    assert [name for name, job in JOBS.items() if "permissions" in job] == []


def test_every_action_is_pinned_by_its_digest_and_says_its_release() -> None:
    used = re.findall(r"uses: (.+)", TEXT)

    assert [one for one in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}  # v[\d.]+", one)] == []


@pytest.mark.parametrize("name", JOBS)
def test_every_job_has_an_end(name: str) -> None:
    assert JOBS[name]["timeout-minutes"] <= 60


def test_the_workflow_runs_what_the_makefile_has() -> None:
    makefile = (ROOT / "Makefile").read_text()

    assert [
        verb for verb in re.findall(r"make ([a-z]+)", TEXT) if f"\n{verb}:" not in makefile
    ] == []
