"""docs/read-a-waterfall.md: each command prints what the page says, without a running shop."""

import shlex

import pytest

from acme.launcher.environment import ROOT
from tests.acme.command_line import acme
from tests.guided import ACME, Step, pattern_of, steps

STEPS = steps("read-a-waterfall.md")


@pytest.mark.parametrize("step", STEPS, ids=[step.command.split("/")[-1] for step in STEPS])
def test_the_page_says_what_is_printed(
    step: Step, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert acme(*shlex.split(step.command.removeprefix(ACME))) == 0
    assert step.missing_in(capsys.readouterr().out) == []


def test_a_line_that_differs_in_more_than_numbers_is_missing() -> None:
    assert len(STEPS) >= 8
    step = Step("x", ("payment worked for 1.2 s, 20 % of it",))
    assert step.missing_in("payment worked for 802 ms, 9 % of it") == []
    assert step.missing_in("orders worked for 802 ms, 9 % of it") == list(step.lines)
    assert pattern_of("a.b") == r"a\.b"
