"""What is kept is for its user alone."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from acme.launcher.state import RunFolder, State
from shared.private import keep_private, make_private


@pytest.fixture(autouse=True)
def _own_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    found = [folder, *folder.rglob("*")]
    return {path.name: stat.S_IMODE(path.lstat().st_mode) for path in found}


def open_to_all(folder: Path) -> Path:
    (folder / "data" / "redis").mkdir(parents=True)
    for name in ("run.json", "data/orders.sqlite", "data/redis/dump.rdb"):
        (folder / name).write_text("{}")
    return folder


def test_a_folder_that_was_open_is_closed_with_all_that_is_in_it(tmp_path: Path) -> None:
    folder = open_to_all(tmp_path / ".acme")
    (folder / "notes").write_text("mine")

    RunFolder(folder).keep_private()

    assert modes(folder) == {
        **dict.fromkeys((".acme", "data", "redis"), 0o700),
        **dict.fromkeys(("run.json", "orders.sqlite", "dump.rdb", "notes"), 0o600),
    }


def test_of_a_folder_of_other_things_only_what_is_ours_is_touched(tmp_path: Path) -> None:
    folder = open_to_all(tmp_path / "home")
    (folder / "notes").write_text("mine")

    RunFolder(folder).keep_private()

    found = modes(folder)
    assert (found["home"], found["notes"]) == (0o755, 0o644)
    assert (found["data"], found["orders.sqlite"], found["run.json"]) == (0o700, 0o600, 0o600)


def test_a_new_folder_and_its_files_are_closed(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "new" / "run")
    run.keep_private()
    run.write(State(1, 0.0, 267))

    assert modes(tmp_path / "new") == {"new": 0o700, "run": 0o700, "run.json": 0o600}


def test_a_program_that_is_started_inherits_it(tmp_path: Path) -> None:
    keep_private()
    program = "from pathlib import Path; Path('made').write_text('x'); Path('folder').mkdir()"
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)

    assert (modes(tmp_path)["made"], modes(tmp_path)["folder"]) == (0o600, 0o700)


def test_links_are_not_followed_and_what_is_away_is_no_matter(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("x")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(outside)

    make_private(folder, tmp_path / "away")

    assert stat.S_IMODE(outside.stat().st_mode) == 0o644
