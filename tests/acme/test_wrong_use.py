"""What is said about words on the command line that cannot be used."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from acme.cli import app
from tests.acme.command_line import acme


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with the words that lead to it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def is_number(param: Any) -> bool:
    """Whether it is one, and its message is the common one: a share or a duration has its own."""
    descriptor = param.type_descriptor
    return descriptor.annotation in {int, float} and descriptor.parameter_info.parser is None


EVERY = dict(commands(get_command(app)))
NUMERIC = [
    (path, param.opts[0])
    for path, command in EVERY.items()
    for param in command.params
    if is_number(param) and param.opts[0].startswith("-")
]
WITHOUT_A_TABLE = {
    ("kill",),
    ("down",),
    ("mocks",),
    ("offline", "pack"),
    ("offline", "load"),
    ("faults", "set"),
    ("faults", "clear"),
    ("faults", "profile"),
    ("sampling", "set"),
    ("scenario", "run"),
    ("scenario", "stop"),
    ("scenario", "hint"),
    ("scenario", "report"),
    ("scenario", "check"),
}


@pytest.mark.parametrize(("path", "option"), NUMERIC, ids="".join)
def test_every_option_that_is_a_number_says_which_numbers_it_may_be(
    path: tuple[str, ...], option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong in ("x", "1e", "--"):
        assert acme(*path, f"{option}={wrong}") == 2
        said = capsys.readouterr().err
        assert re.search(rf"{re.escape(wrong)} is not a (whole )?number", said), said
        assert "Input should" not in said


@pytest.mark.parametrize("path", sorted(set(EVERY) - WITHOUT_A_TABLE), ids=" ".join)
def test_every_command_with_a_table_has_it_as_json(path: tuple[str, ...]) -> None:
    assert any("--json" in param.opts for param in EVERY[path].params)


NAMES = [
    (("up", "cart", "crt"), "'cart'"),
    (("kill", "shiping"), "'shipping'"),
    (("kill", "redi"), "'redis'"),
    (("kill", "cart", "--signal", "KIL"), "'KILL'"),
    (("audit", "--kill", "paymant"), "'payment'"),
    (("traffic", "--journey", "brows"), "'browse'"),
    (("faults", "profile", "clam"), "'calm'"),
    (("scenario", "report", "x", "--format", "htm"), "'html'"),
    (("--show-completion", "bas"), "'bash'"),
]


@pytest.mark.parametrize(("words", "meant"), NAMES)
def test_a_name_that_is_nearly_one_is_recognised_before_anything_starts(
    words: tuple[str, ...], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert acme(*words) == 2
    assert f"Did you mean {meant}?" in capsys.readouterr().err


@pytest.mark.parametrize("session", ["Ann", "abc", "a b c d", "ann_1", "x" * 41])
@pytest.mark.parametrize(
    "words", [("faults", "clear"), ("faults", "set", "x"), ("scenario", "run", "x")]
)
def test_what_is_no_session_is_refused_with_what_is_one(
    words: tuple[str, ...], session: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert acme(*words, "--session", session) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert f"{session} is not a session: it has 4 to 40 of a-z, 0-9 and -" in said


def test_faults_that_are_none_are_refused_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ACME_FAULTS", "clam")
    assert acme("up", "chaos", "--run-dir", str(tmp_path), "--port-base", "23490") == 1
    said = capsys.readouterr()
    assert 'did you mean "calm"?' in said.err
    assert said.out == ""


def test_an_experiment_that_is_none_is_refused_with_those_that_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert acme("experiment", "run", "carier-outage") == 1
    assert 'did you mean "carrier-outage"?' in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--orders=5", "--kills=1", "--kill=cart", "--auth=0.5"])
def test_what_does_nothing_with_api_is_refused(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert acme("audit", "--api", option) == 2
    assert f"'{option.partition('=')[0]}': with --api nothing is ordered" in capsys.readouterr().err
