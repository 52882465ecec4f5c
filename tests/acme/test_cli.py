"""The command line as a whole: help, version, completion, mistyped words and exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from acme.cli import app
from acme.launcher.state import Process, RunFolder, State
from shared import __version__
from shared.topology import BY_NAME
from tests.acme.command_line import acme

ROOT = Path(__file__).resolve().parents[2]
GROUPS = ["faults", "scenario", "experiment", "offline"]
HEAVY = ("aiohttp", "faker", "fastapi", "httpx", "opentelemetry", "pymongo", "redis", "rich")


def commands(command: object, *words: str) -> list[tuple[str, ...]]:
    """The words of a command and of every one below it."""
    below: dict[str, object] = getattr(command, "commands", {})
    return [
        words,
        *(deeper for name, sub in below.items() for deeper in commands(sub, *words, name)),
    ]


@pytest.mark.parametrize("words", commands(get_command(app)), ids=" ".join)
def test_every_command_has_a_help_in_the_same_style(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert acme(*words, "--help") == 0

    printed = capsys.readouterr()
    assert printed.out.startswith(f"Usage: {' '.join(('acme', *words))} [")
    assert "ORDER" not in printed.out
    assert "..." not in printed.out.partition("Commands:")[2], "a sentence is cut off"
    assert printed.err == ""


@pytest.mark.parametrize("words", [(), *((group,) for group in GROUPS)], ids=" ".join)
def test_a_group_without_a_command_prints_its_help_and_is_a_wrong_use(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert acme(*words) == 2

    assert "Commands:" in capsys.readouterr().err


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert acme("--version") == 0

    assert capsys.readouterr().out == f"acme {__version__}\n"


@pytest.mark.parametrize(
    ("words", "suggestion"),
    [
        (("fautls",), "No such command 'fautls'. Did you mean 'faults'?"),
        (("offline", "pakc"), "No such command 'pakc'. Did you mean 'pack'?"),
        (("up", "fronted"), "fronted is not a service. Did you mean 'frontend'?"),
        (("audit", "--kill", "order"), "order is not a service. Did you mean 'orders'?"),
    ],
)
def test_a_mistyped_word_is_answered_with_what_may_be_meant(
    words: tuple[str, ...], suggestion: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert acme(*words) == 2

    assert suggestion in capsys.readouterr().err


def test_a_service_that_resembles_none_is_answered_with_all_of_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert acme("up", "xyz") == 2

    assert f"There are {', '.join(BY_NAME)}." in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("traffic", "--rate", "nan"),
        ("traffic", "--url", "ftp://127.0.0.1"),
        ("traffic", "--url", "http://127.0.0.1:port"),
        ("traffic", "--seconds", "5", "--clicks", "5"),
        ("bench", "--rounds", "0"),
        ("bench", "--untraced", "--instrumentation"),
        ("audit", "--auth", "1.5"),
    ],
)
def test_a_value_that_cannot_be_used_is_a_wrong_use(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert acme(*words) == 2

    assert "Error: Invalid value for '--" in capsys.readouterr().err


def test_nothing_that_runs_has_an_exit_code_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (("ps",), ("ps", "--json"), ("kill", "cart")):
        assert acme(*command, "--run-dir", str(tmp_path)) == 3
    assert acme("down", "--run-dir", str(tmp_path)) == 0

    assert capsys.readouterr().err.count("`acme up` starts the shop.\n") == 3


def test_a_signal_to_a_service_that_is_down_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = RunFolder(tmp_path)
    lock = folder.lock()
    assert lock is not None
    folder.write(State(os.getpid(), 0.0, 1, services={"cart": Process(0, [5003], "", 0.0)}))

    try:
        assert acme("kill", "cart", "--run-dir", str(tmp_path)) == 1
    finally:
        os.close(lock)

    assert capsys.readouterr().err == "cart is down just now.\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_named_to_get_its_completion(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert acme("--show-completion", shell) == 0

    assert "_ACME_COMPLETE" in capsys.readouterr().out


def completed(words: str) -> list[str]:
    """What bash completes the last word to."""
    count = len(words.split(" ")) - 1
    environ = {"COMP_WORDS": words, "COMP_CWORD": str(count), "_ACME_COMPLETE": "complete_bash"}
    done = subprocess.run(
        [sys.executable, "-m", "acme.cli"],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "word"),
    [
        ("acme au", "audit"),
        ("acme kill fro", "frontend"),
        ("acme kill red", "redis"),
        ("acme scenario run moody", "moody-carrier"),
        ("acme experiment run late", "late-answer"),
        ("acme faults set payment-l", "payment-latency"),
    ],
)
def test_commands_and_names_are_completed(words: str, word: str) -> None:
    assert completed(words) == [word]


def test_a_command_imports_nothing_of_the_others(tmp_path: Path) -> None:
    program = (
        "import json, sys; from tests.acme.command_line import acme;"
        f"acme('ps', '--run-dir', {str(tmp_path)!r}); print(json.dumps(list(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert not {name.partition(".")[0] for name in json.loads(done.stdout)} & set(HEAVY)
