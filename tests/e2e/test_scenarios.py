"""Every scenario that is shipped shows what it says, on a shop as `acme up` starts it."""

import shutil
from collections.abc import Iterator
from typing import get_args

import pytest

from acme.running import running_shop
from chaos.control_plane.domain.scenario.model import JourneyName, MeasureName
from chaos.control_plane.flows.runs import Library
from chaos.measures import MEASURES, Shop, measure
from chaos.measures.journeys import JOURNEYS
from chaos.scenarios.check import Check, Injections, scenario_of
from tests.acme.command_line import acme
from tests.e2e.launched import ROOT, Launched
from traces.model import Span

SCENARIOS = Library.read(ROOT / "chaos" / "scenarios").scenarios
REPEATED = ("moody-carrier", "one-in-five", "works-for-me")


@pytest.fixture(scope="module")
def launched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    """One shop for all of them."""
    folder, bytecode = tmp_path_factory.mktemp("shop"), tmp_path_factory.getbasetemp() / "bytecode"
    scenarios = shutil.copytree(ROOT / "chaos" / "scenarios", folder / "scenarios")
    text = (scenarios / "broken-thread.yaml").read_text()
    # One that does not show what it says.
    wrong = text.replace("id: broken-thread", "id: wrong").replace("value: 5}", "value: 500}")
    (scenarios / "wrong.yaml").write_text(wrong)
    shop = Launched(folder, bytecode)
    shop.environ |= {"OTEL_BSP_SCHEDULE_DELAY": "100", "ACME_SCENARIOS": str(scenarios)}
    shop.up()
    yield shop
    shop.close()


@pytest.fixture(scope="module")
def target(launched: Launched) -> Shop:
    return running_shop(launched.run)


@pytest.fixture(scope="module")
def injections() -> dict[str, Injections]:
    """Where each scenario's faults fired the first time."""
    return {}


def test_ten_scenarios_are_shipped() -> None:
    assert len(SCENARIOS) == len(list((ROOT / "chaos" / "scenarios").glob("*.yaml"))) == 10


def test_every_journey_and_measure_that_may_be_named_is_there() -> None:
    assert set(JOURNEYS) == set(get_args(JourneyName))
    assert set(MEASURES) == set(get_args(MeasureName))


@pytest.mark.parametrize("id_", SCENARIOS)
def test_it_shows_what_it_says(id_: str, target: Shop, injections: dict[str, Injections]) -> None:
    check = Check(target, scenario_of(target.control_plane, id_), SCENARIOS[id_].seed)

    lines = list(check.run())

    assert [str(line) for line in lines if not line.holds] == []
    assert len(lines) == len(SCENARIOS[id_].expect) > 0
    assert check.before is not None
    marked = [span for trace in check.before.traces for span in trace.spans if is_marked(span)]
    assert bool(marked) == (SCENARIOS[id_].reveal == "visible")
    injections[id_] = check.injections
    assert injections[id_]
    assert left(target) == []


@pytest.mark.parametrize("id_", REPEATED)
def test_the_same_seed_has_the_same_victims(
    id_: str, target: Shop, injections: dict[str, Injections]
) -> None:
    first = injections.get(id_) or injections_of(target, id_, SCENARIOS[id_].seed)

    assert injections_of(target, id_, SCENARIOS[id_].seed) == first


def test_another_seed_has_others(target: Shop, injections: dict[str, Injections]) -> None:
    steps = [{hit[1] for hit in injections_of(target, "moody-carrier", seed)} for seed in (1, 2)]

    assert steps[0] != steps[1]


def test_the_exit_code_says_that_a_scenario_does_not_show_what_it_claims(
    launched: Launched, target: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert acme("scenario", "check", "wrong", "--run-dir", str(launched.run)) == 4

    output = capsys.readouterr().out
    assert "FAIL before any fix: roots_of(service=shipping" in output
    assert "is 5, wanted >= 500" in output
    assert "wrong, seed 42: 1 of 5 lines do not hold" in output
    assert left(target) == []


def test_a_lesson_can_be_held_from_a_terminal(
    launched: Launched, target: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    def scenario(*arguments: str, code: int = 0) -> str:
        assert acme("scenario", *arguments, "--run-dir", str(launched.run)) == code
        return "".join(capsys.readouterr())

    assert "works-for-me" in launched.acme("scenario", "list").stdout
    assert "no scenario magic" in scenario("run", "magic", code=1)
    assert "give --session" in scenario("run", "moody-carrier", code=1)
    begun = scenario("run", "moody-carrier", "--session", "ann-1")
    id_ = begun.partition(":")[0]
    assert "Where is my parcel?" in begun
    assert measure(target, "failed_share", journey="status", clicks=1, session="ann-1") == 0
    assert "deepest" not in scenario("hint", id_)
    assert "fallback is done" in scenario("fix", "moody-carrier", "fallback")
    revealed = scenario("reveal", id_)
    assert "carrier-away" in revealed
    assert "The deepest - shipping's CLIENT span" in revealed
    again = "`.venv/bin/acme scenario run moody-carrier --seed 42 --session ann-1`"
    assert again in scenario("report", id_)
    assert "stopped" in scenario("stop", id_)
    assert left(target) == []


def injections_of(target: Shop, id_: str, seed: int) -> Injections:
    check = Check(target, scenario_of(target.control_plane, id_), seed)
    for _ in check.run(fixes=()):
        pass
    return check.injections


def is_marked(span: Span) -> bool:
    return any(name.startswith("acmeshop.fault.") for name in span.attributes)


def left(target: Shop) -> list[str]:
    """What of a scenario is still there."""
    listed = target.control_plane.get("/faults", hidden="show")["faults"]
    return [row["fault"]["id"] for row in listed if row["source"].startswith("scenario:")]
