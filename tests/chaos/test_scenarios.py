"""What a scenario may say, and what becomes of its faults while it runs."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from chaos.control_plane.domain.scenario.reader import read_scenario
from chaos.control_plane.flows.control import Control
from chaos.control_plane.flows.runs import Library, Runs
from chaos.engine.written import FaultError
from scripts.tables import ROOT
from shared.errors import Conflict, NotFound
from tests.chaos.lessons import EVERYBODYS, LESSON, SECRET, library, scenario
from tests.chaos.opened import Clock, control_in

YAML = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def control(tmp_path: Path, clock: Clock) -> Control:
    return control_in(tmp_path, clock)


@pytest.fixture
def runs(control: Control) -> Runs:
    return Runs(control, library())


def refused(**changes: Any) -> str:
    with pytest.raises(FaultError) as error:
        read_scenario(json.dumps({"scenario": {**LESSON, **changes}}))
    return str(error.value)


def rates(control: Control) -> dict[str, float]:
    """The faults of scenarios as the services get them, without their tags."""
    return {
        entry.id.rpartition("-")[0]: entry.fault.rate
        for entry in control.entries()
        if not entry.id.startswith("scenario-rest")
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"titel": "x"}, 'scenario.titel: there is no key "titel"; did you mean "title"?'),
        (
            {"timeline": [{"at": "1s", "cleer": []}]},
            'scenario.timeline.0.cleer: there is no key "cleer"; did you mean "clear"?',
        ),
        (
            {"load": {"journey": "statsu"}},
            'product, shelf or status is taken, not statsu; did you mean "status"?',
        ),
        (
            {"faults": [{"id": "aa", "effect": {"type": "error", "statsu": 500}}]},
            'scenario.faults.0.effect.statsu: there is no key "statsu"; did you mean "status"?',
        ),
    ],
)
def test_a_key_that_nobody_knows_is_refused_with_its_path(
    changes: dict[str, Any], message: str
) -> None:
    assert message in refused(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"timeline": [{"at": "1s", "clear": ["b"]}]}, "timeline.0.clear: there is no fault b"),
        (
            {"fixes": [{"id": "fix", "title": "x", "set": {"away": {"rate": 7}}}]},
            "fixes.0.set.away.rate: at most 1 is taken, not 7",
        ),
        ({"timeline": [{"at": "2s"}, {"at": "1s"}]}, "in the order of their time"),
        ({"faults": EVERYBODYS["faults"], "timeline": []}, "fixes.1.clear: there is no fault away"),
        (
            {"faults": EVERYBODYS["faults"], "timeline": [], "fixes": EVERYBODYS["fixes"]},
            "queue affects everybody: its scenario needs scope: class",
        ),
        (
            {"expect": [{"measure": "calls", "op": "<", "value": 1, "after": "magic"}]},
            "expect.0.after: there is no fix magic",
        ),
        ({"faults": LESSON["faults"] * 2}, "faults: the id away is used twice"),
    ],
)
def test_what_could_not_be_done_is_refused_when_it_is_read(
    changes: dict[str, Any], message: str
) -> None:
    assert message in refused(**changes)


def test_the_scenario_of_the_docs_can_be_read() -> None:
    [written] = YAML.findall((ROOT / "docs/scenarios.md").read_text())

    assert read_scenario(written).id == "no-cart"


def test_a_file_that_is_no_scenario_is_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "broken.yaml").write_text("scenario: {id: broken}")
    (tmp_path / "lesson.yaml").write_text(yaml.safe_dump({"scenario": LESSON}))
    (tmp_path / "debrief").mkdir()
    (tmp_path / "debrief/lesson.md").write_text("Why.")

    found = Library.read(tmp_path)

    assert (list(found.scenarios), found.debriefs) == (["lesson"], {"lesson": "Why."})
    assert "broken.yaml is not a scenario: scenario.title: it is missing" in caplog.text


def test_a_run_affects_its_session_and_replaces_all_other_faults(
    runs: Runs, control: Control
) -> None:
    runs.begin(scenario(), "ann-1")

    staged, rest = control.entries()
    assert staged.fault.where.match.session == rest.fault.where.match.session == "ann-1"
    assert (staged.fault.instead_of, rest.fault.instead_of) == ("*", "*")
    assert (staged.scope, staged.source[:11], rest.fault.rate) == ("session", "scenario:r-", 0)


def test_the_same_seed_and_session_have_the_same_ids(runs: Runs, control: Control) -> None:
    def ids(session: str, seed: int) -> set[str]:
        run = runs.begin(scenario(), session, seed=seed)
        found = {entry.id for entry in control.entries()}
        runs.stop(run.id)
        return found

    first = ids("ann-1", 42)

    assert ids("ann-1", 42) == first
    assert not first & ids("ann-1", 43)
    assert not first & ids("bob-1", 42)


async def test_the_timeline_changes_the_faults_and_pages(
    runs: Runs, control: Control, clock: Clock
) -> None:
    run = runs.begin(scenario(), "ann-1")
    assert rates(control) == {"away": 0.3}

    clock.now += 31
    await runs.advance()
    assert rates(control) == {"away": 0.6}

    clock.now += 30
    await runs.advance()
    assert [note.text for note in runs.named(run.id).notes if note.what == "page"] == [
        "It is getting worse."
    ]


async def test_a_run_may_go_faster(runs: Runs, control: Control, clock: Clock) -> None:
    runs.begin(scenario(), "ann-1", speed=10)
    clock.now += 3.1
    await runs.advance()

    assert rates(control) == {"away": 0.6}


async def test_what_was_fixed_stays_fixed_whatever_the_timeline_says(
    runs: Runs, control: Control, clock: Clock
) -> None:
    run = runs.begin(scenario(), "ann-1")
    runs.fix(run.id, "fallback")
    assert rates(control) == {"away": 0.3, "falls-back": 1}

    runs.fix(run.id, "repair")
    clock.now += 31
    await runs.advance()
    assert rates(control) == {"falls-back": 1}

    with pytest.raises(Conflict, match="repair was already applied"):
        runs.fix(run.id, "repair")
    with pytest.raises(NotFound, match="no fix magic: there are fallback, repair"):
        runs.fix(run.id, "magic")


async def test_a_run_ends_by_itself_and_takes_its_faults_along(
    runs: Runs, control: Control, clock: Clock
) -> None:
    run = runs.begin(scenario(), "ann-1")
    clock.now += 601
    await runs.advance()

    assert (runs.named(run.id).state, control.entries()) == ("ended", [])
    with pytest.raises(Conflict, match="is over"):
        runs.hint(run.id)


def test_stop_all_stops_every_run_and_mine_only_mine(runs: Runs, control: Control) -> None:
    ann, bob = runs.begin(scenario(), "ann-1"), runs.begin(scenario(), "bob-1")

    assert control.stop("ann-1").runs == [ann.id]
    assert [runs.named(run.id).state for run in (ann, bob)] == ["stopped", "running"]
    assert control.stop(None).runs == [bob.id]
    assert control.entries() == []


def test_a_hidden_run_is_hidden_until_it_is_revealed(runs: Runs, control: Control) -> None:
    run = runs.begin(scenario(SECRET), "ann-1")
    [secret] = [entry for entry in control.entries() if "away" in entry.id]
    assert secret.fault.hidden
    assert secret.id in control.hits.secrets

    runs.reveal(run.id)

    [shown] = [entry for entry in control.entries() if "away" in entry.id]
    assert not shown.fault.hidden
    assert secret.id not in control.hits.secrets


def test_what_a_fix_took_away_can_be_revealed_when_all_is_over(
    runs: Runs, control: Control
) -> None:
    run = runs.begin(scenario(SECRET), "ann-1")
    runs.fix(run.id, "repair")
    runs.stop(run.id)
    assert any(id_.startswith("away-") for id_ in control.hits.secrets)

    runs.reveal(run.id)

    assert not any(id_.startswith("away-") for id_ in control.hits.secrets)


def test_one_scenario_runs_once_for_each_session(runs: Runs) -> None:
    runs.begin(scenario(), "ann-1")

    with pytest.raises(Conflict, match="lesson is already running there: run r-"):
        runs.begin(scenario(), "ann-1")


def test_a_run_goes_on_after_a_restart(tmp_path: Path, clock: Clock) -> None:
    before = Runs(control_in(tmp_path, clock), library())
    run = before.begin(scenario(), "ann-1")
    before.hint(run.id)
    clock.now += 10

    control = control_in(tmp_path, clock)
    after = Runs(control, library())

    assert after.named(run.id) == before.named(run.id)
    assert rates(control) == {"away": 0.3}


def test_the_faults_of_a_run_that_is_lost_are_removed(tmp_path: Path, clock: Clock) -> None:
    Runs(control_in(tmp_path, clock), library()).begin(scenario(), "ann-1")

    control = control_in(tmp_path, clock)
    Runs(control, Library())

    assert control.entries() == []
