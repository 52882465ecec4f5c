"""What is hidden is not on the page of who plays both parts, until they ask or reveal it."""

import re
from pathlib import Path

import pytest

from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.flows.runs import Runs
from chaos.control_plane.routes.events import hits
from tests.chaos.lessons import library, written_into
from tests.chaos.opened import API, Clock, Opened, Opener, control_in, own, report
from tests.chaos.test_control_room_page import ME, headline

TRACE = "0af7651916cd43dd8448eb211c80319c"
CULPRIT = ("away-", "30 %", "Have shipping fall back", TRACE, "the culprit")


@pytest.fixture
async def laptop(open_plane: Opener, tmp_path: Path) -> Opened:
    """A control plane on which everybody is a presenter; a hidden scenario has fired in a click."""
    plane = await open_plane(ACME_SCENARIOS=str(written_into(tmp_path / "scenarios")))
    begun = await plane.post(f"{API}/scenarios/secret/runs", json=ME)
    assert begun.status_code == 201
    [fault] = [one.id for one in plane.control.entries() if one.id.startswith("away-")]
    hit = {"fault": fault, "place": "GET /x", "trace_id": TRACE, "step": "3"} | ME
    plane.control.hear(report("auth", own=[own("auth-failure", rate=0.2)], hits=[hit]))
    return plane


async def page(plane: Opened, **more: str) -> str:
    answer = await plane.get("/", params=ME | more)
    assert answer.status_code == 200
    return answer.text


def content(text: str) -> list[str]:
    return [word for word in CULPRIT if word in text]


@pytest.mark.parametrize("scope", ["mine", "class"])
async def test_the_page_of_a_presenter_does_not_name_the_culprit(
    laptop: Opened, scope: str
) -> None:
    shown = await page(laptop, scope=scope)
    assert content(shown) == []
    assert "No fault has matched one of your clicks yet." in shown


async def test_it_says_that_a_scenario_runs_and_that_all_else_rests(laptop: Opened) -> None:
    shown = await page(laptop)
    assert headline(shown) == "A scenario is running: find out what is wrong"
    assert "A scenario is running: all other faults" in shown
    assert "rests for you" in shown


async def test_a_presenter_can_ask_for_what_is_hidden_and_stays_with_it(laptop: Opened) -> None:
    question = await page(laptop, hidden="show")
    assert content(question) == list(CULPRIT[:-1])
    assert "Hide hidden faults" in question
    assert "hidden=show&amp;scope=class" in question


async def test_the_reveal_shows_it_by_itself(laptop: Opened) -> None:
    [run] = (await laptop.read_json("/runs"))["runs"]
    await laptop.post(f"{API}/runs/{run['id']}/reveal")
    assert content(await page(laptop)) == list(CULPRIT)


async def test_the_reveal_shows_it_also_after_a_fix_has_removed_it(laptop: Opened) -> None:
    [run] = (await laptop.read_json("/runs"))["runs"]
    at = f"{API}/runs/{run['id']}"
    await laptop.post(f"{at}/fix", json={"fix": "repair"})
    assert content(await page(laptop)) == []

    shown = (await laptop.post(f"{at}/reveal")).json()

    assert ([one["id"] for one in shown["causes"]], shown["faults"]) == (["away"], [])
    assert [note["text"] for note in shown["notes"]] == [
        "A lesson, seed 42",
        "Repair the carrier",
        "the culprit",
    ]
    revealed = await page(laptop)
    assert "the culprit" in revealed
    assert "Have shipping fall back" in revealed
    assert "<b>The carrier.</b>" in revealed


async def test_no_answer_to_a_presenter_on_a_laptop_names_the_culprit_before_the_reveal(
    laptop: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    [run] = (await laptop.read_json("/runs"))["runs"]
    paths = (await laptop.get("/openapi.json")).json()["paths"]
    reading = [path for path, known in paths.items() if "get" in known]
    # Read below, what the processes get, and the list, in which another lesson is open.
    left_out = {f"{API}/events", f"{API}/snapshot", f"{API}/scenarios"}
    assert left_out < set(reading)
    for path in {*reading, "/", "/metrics"} - left_out:
        named = "secret" if "/scenarios/" in path else run["id"]
        answer = await laptop.get(path.replace("{id}", named).replace("{fault_id}", "x"), params=ME)
        said = f"{answer.text} {answer.headers}"
        assert [word for word in CULPRIT if word in said and word != TRACE] == [], path
    caller = Caller("presenter", guessing=True)
    assert hits(laptop.control, caller, 0) == []


@pytest.mark.parametrize("ending", ["fix", "reveal", "stop", "reset", "time"])
def test_the_log_of_the_control_plane_does_not_name_the_culprit(
    ending: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "acmeshop")
    clock = Clock()
    control = control_in(tmp_path, clock)
    runs = Runs(control, library())
    run = runs.begin(runs.library.named("secret"), "ann-1")
    match ending:
        case "fix":
            runs.fix(run.id, "fallback")
        case "stop":
            runs.stop(run.id)
        case "reset":
            control.stop(None)
        case "time":
            clock.now += 3600
            control.tick()
    assert "2 hidden" in caplog.text
    assert not {"away", "falls-back"} & set(re.findall(r"[a-z-]+[a-z]", caplog.text))
    if ending == "reveal":
        runs.reveal(run.id)
        assert "away-" in caplog.text


async def test_stop_all_stops_what_is_hidden_too_and_counts_it(laptop: Opened) -> None:
    stopped = await laptop.post(f"{API}/reset", json={"scope": "all"})
    assert len(stopped.json()["removed"]) == 2
    assert laptop.control.entries() == []


async def test_a_student_cannot_ask_for_it(open_plane: Opener, laptop: Opened) -> None:
    tokens = {"CHAOS_TOKEN": "p-1", "CHAOS_STUDENT_TOKEN": "s-1", "CHAOS_DEFAULT_ROLE": "none"}
    plane = await open_plane(**tokens, ACME_SCENARIOS=laptop.runtime.settings.scenarios.as_posix())
    bearer = {"Authorization": "Bearer p-1"}
    await plane.post(f"{API}/scenarios/secret/runs", json={"scope": "class"}, headers=bearer)
    as_student = {"Authorization": "Bearer s-1"}
    shown = await plane.get("/", params=ME | {"hidden": "show"}, headers=as_student)
    assert (content(shown.text), "hidden=show" in shown.text) == ([], False)
