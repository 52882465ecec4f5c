"""Runs over the limit, or that cannot go on: they do not disturb others."""

from pathlib import Path

import pytest

from chaos.control_plane.domain.reading import Problem
from chaos.control_plane.domain.roles import MOST_RUNS_OF_A_SESSION, MOST_RUNS_OF_STUDENTS, Caller
from chaos.control_plane.domain.scenario.run import source_of
from chaos.control_plane.flows.control import MOST, Control
from chaos.control_plane.flows.runs import MOST as MOST_RUNS
from chaos.control_plane.flows.runs import Library, Runs
from shared.errors import TooManyRequests
from tests.chaos.lessons import LESSON, library, scenario
from tests.chaos.opened import Clock, control_in, entry

CLASH = {
    "id": "clash",
    "faults": [{"id": "away", "effect": {"type": "latency", "ms": 100}}],
    "timeline": [{"at": "30s", "set": {"away": {"effect": {"ms": 500}}}}],
    "fixes": [
        {
            "id": "fail",
            "title": "Have it fail at once",
            "set": {"away": {"effect": {"type": "error", "ms": None}}},
        }
    ],
}


@pytest.fixture
def control(tmp_path: Path, clock: Clock) -> Control:
    return control_in(tmp_path, clock)


@pytest.fixture
def runs(control: Control) -> Runs:
    return Runs(control, library())


def fill(control: Control, number: int) -> None:
    control.put(*(entry(f"f-{n}") for n in range(number)))


def test_a_run_beyond_the_limit_does_not_start(runs: Runs, control: Control) -> None:
    fill(control, MOST - 1)

    with pytest.raises(TooManyRequests):
        runs.begin(scenario(), "ann-1")

    assert (runs.every(), control.kept) == ([], {})


def test_a_run_beyond_the_limit_after_a_restart_is_stopped(
    runs: Runs, control: Control, tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    run = runs.begin(scenario(), "ann-1")
    control.replace_source(source_of(run), ())
    fill(control, MOST)

    after = Runs(control_in(tmp_path, clock), library())

    assert after.named(run.id).state == "stopped"
    assert f"run {run.id} of lesson is stopped" in caplog.text


async def test_a_run_that_cannot_go_on_is_stopped_and_the_others_go_on(
    control: Control, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    both = {"lesson": scenario(), "clash": scenario(LESSON, **CLASH)}
    runs = Runs(control, Library(both))
    clash, other = runs.begin(both["clash"], "ann-1"), runs.begin(both["lesson"], "bob-1")
    runs.fix(clash.id, "fail")

    clock.now += 31
    await runs.advance()

    stuck = runs.named(clash.id)
    assert (stuck.state, runs.named(other.id).moments) == ("stopped", 1)
    assert stuck.notes[-1].text == "it could not continue: the log of chaos says why"
    assert "set.away.effect" in caplog.text
    assert {one.source for one in control.entries()} == {source_of(other)}


@pytest.mark.parametrize(("begun", "known"), [(MOST_RUNS - 10, MOST_RUNS - 10), (60, MOST_RUNS)])
def test_so_many_runs_are_remembered(runs: Runs, begun: int, known: int) -> None:
    for number in range(begun):
        runs.stop(runs.begin(scenario(), f"s-{number:03}").id)

    assert len(runs.every()) == known


def test_a_student_starts_some_runs_and_leaves_capacity_for_others(runs: Runs) -> None:
    ann = Caller("student", "ann-1")
    for number in range(MOST_RUNS_OF_A_SESSION):
        runs.begin(scenario(id=f"lesson-{number}"), "ann-1", by=ann)
    with pytest.raises(Problem, match="at most 3 scenarios can run in one session"):
        runs.begin(scenario(), "ann-1", by=ann)

    for number in range(MOST_RUNS_OF_STUDENTS - MOST_RUNS_OF_A_SESSION):
        runs.begin(scenario(), f"s-{number:03}", by=Caller("student", f"s-{number:03}"))
    with pytest.raises(Problem, match="40 scenarios are running"):
        runs.begin(scenario(), "bob-1", by=Caller("student", "bob-1"))
    assert runs.begin(scenario(), "bob-1", by=Caller("presenter")).is_on
