"""A run folder that cannot be used is one sentence with its path, and never a traceback."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from acme.launcher.plan import UpOptions
from acme.launcher.state import RunFolder, State, UnusableFolder
from acme.launcher.up import up

STATE = State(1, 0.0, 267)


def below_a_file(folder: Path) -> Path:
    (folder / "file").touch()
    return folder / "file" / "run"


def a_file(folder: Path) -> Path:
    (folder / "run").touch()
    return folder / "run"


def of_too_long_a_name(folder: Path) -> Path:
    return folder / ("r" * 300)


@pytest.fixture
def own_umask() -> Iterator[None]:
    """The launcher has its files be private, which is not to outlive a test."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("own_umask")
@pytest.mark.parametrize("made", [below_a_file, a_file, of_too_long_a_name])
def test_the_shop_does_not_start_from_a_folder_that_cannot_be_made(
    tmp_path: Path, made: Callable[[Path], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = made(tmp_path)
    assert up(UpOptions(run=path, services=["catalog"])) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"{path} cannot be used (")
    assert said.endswith(", or name another folder with --run-dir\n")
    assert said.count("\n") == 1


def test_a_state_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.write(STATE)
    (tmp_path / "run.new").mkdir()
    with pytest.raises(UnusableFolder, match=r"cannot be used \(Is a directory\)"):
        run.write(State(2, 0.0, 1))
    assert run.read() == STATE
