"""Scenarios over HTTP: who may see and do what, and what is told of a run."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.services.chaos.lessons import EVERYBODYS, LESSON, SECRET
from tests.services.chaos.opened import API, Opened, Opener, report

PRESENTER, STUDENT = {"authorization": "Bearer teach"}, {"authorization": "Bearer learn"}
ANN = {**STUDENT, "cookie": "shop_session=ann-1.3"}
BOB = {**STUDENT, "cookie": "shop_session=bob-1.9"}
CULPRIT = ("carrier", "culprit", "fall back")


@pytest.fixture
async def plane(open_plane: Opener, tmp_path: Path) -> Opened:
    """A control plane with tokens and three scenarios."""
    folder = tmp_path / "scenarios"
    (folder / "debrief").mkdir(parents=True)
    for told in (LESSON, SECRET, EVERYBODYS):
        (folder / f"{told['id']}.yaml").write_text(yaml.safe_dump({"scenario": told}))
        (folder / told["debrief"]).write_text("## Why\n\nIt was the `carrier`.")
    tokens = {"CHAOS_TOKEN": "teach", "CHAOS_STUDENT_TOKEN": "learn"}
    return await open_plane(ACME_SCENARIOS=str(folder), CHAOS_DEFAULT_ROLE="none", **tokens)


async def begun(plane: Opened, id_: str, who: dict[str, str], **wanted: Any) -> dict[str, Any]:
    answer = await plane.post(f"{API}/scenarios/{id_}/runs", json=wanted, headers=who)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{API}/runs/{answer.json()['id']}"
    return dict(answer.json())


async def test_a_student_begins_a_scenario_for_their_own_clicks(plane: Opened) -> None:
    run = await begun(plane, "lesson", ANN, seed=7)

    assert (run["session"], run["scope"], run["seed"]) == ("ann-1", "session", 7)
    assert (run["state"], run["hints"], run["hints_left"]) == ("running", [], 2)
    assert [fix["id"] for fix in run["fixes"]] == ["fallback", "repair"]
    cards = (await plane.get(f"{API}/scenarios", headers=ANN)).json()["scenarios"]
    assert {card["id"]: len(card["runs"]) for card in cards}["lesson"] == 1


async def test_nothing_names_the_culprit_of_a_hidden_scenario_before_the_reveal(
    plane: Opened,
) -> None:
    run = await begun(plane, "secret", ANN)
    at = f"{API}/runs/{run['id']}"
    told = [
        (await plane.get(f"{API}/scenarios/secret", headers=ANN)).text,
        (await plane.get(at, headers=ANN)).text,
        (await plane.post(f"{at}/hint", headers=ANN)).text,
        (await plane.get(f"{API}/faults", headers=ANN)).text,
        (await plane.post(f"{at}/fix", json={"fix": "fallback"}, headers=ANN)).text,
    ]
    assert [word for text in told for word in CULPRIT if word in text.lower()] == []
    assert (await plane.get(f"{at}/report", headers=ANN)).status_code == 403

    shown = (await plane.post(f"{at}/reveal", headers=ANN)).json()

    assert shown["faults"][0]["title"] == "the culprit"
    assert shown["questions"] == [{"ask": "Who is it?", "answer": "The carrier."}]


async def test_a_student_may_not_begin_one_for_everybody_or_for_somebody_else(
    plane: Opened,
) -> None:
    for id_, wanted, status in (
        ("everybodys", {}, 403),
        ("lesson", {"scope": "class"}, 403),
        ("lesson", {"session": "bob-1"}, 403),
        ("everybodys", {"scope": "session"}, 422),
        ("lesson", {"sed": 1}, 422),
        ("magic", {}, 404),
    ):
        answer = await plane.post(f"{API}/scenarios/{id_}/runs", json=wanted, headers=ANN)
        assert (answer.status_code, answer.headers["content-type"]) == (
            status,
            "application/problem+json",
        )


async def test_a_run_is_nobody_elses_business(plane: Opened) -> None:
    run = await begun(plane, "lesson", ANN)
    at = f"{API}/runs/{run['id']}"

    assert (await plane.get(at, headers=BOB)).status_code == 403
    assert (await plane.post(f"{at}/stop", headers=BOB)).status_code == 403
    assert (await plane.get(f"{API}/runs", headers=BOB)).json() == {"runs": []}
    assert (await plane.post(f"{at}/stop", headers=PRESENTER)).json()["state"] == "stopped"


async def test_a_scenario_of_the_class_is_the_presenters(plane: Opened) -> None:
    run = await begun(plane, "everybodys", PRESENTER)
    at = f"{API}/runs/{run['id']}"

    assert (await plane.get(at, headers=ANN)).status_code == 200
    assert (await plane.post(f"{at}/fix", json={"fix": "more"}, headers=ANN)).status_code == 403
    fixed = (await plane.post(f"{at}/fix", json={"fix": "more"}, headers=PRESENTER)).json()
    assert fixed["made"] == ["more"]


async def test_a_run_can_be_begun_anew(plane: Opened) -> None:
    run = await begun(plane, "lesson", ANN, seed=9)

    again = await plane.post(f"{API}/runs/{run['id']}/restart", headers=ANN)

    assert (again.status_code, again.json()["seed"]) == (201, 9)
    assert (await plane.get(f"{API}/runs/{run['id']}", headers=ANN)).json()["state"] == "stopped"


async def test_a_run_says_how_many_processes_have_its_faults(plane: Opened) -> None:
    plane.control.hear(report(revision=plane.control.revision))
    run = await begun(plane, "lesson", ANN)
    assert run["applied"] == "0/1"

    plane.control.hear(report(revision=plane.control.revision))

    assert (await plane.get(f"{API}/runs/{run['id']}", headers=ANN)).json()["applied"] == "1/1"


async def test_the_report_tells_whom_it_struck_and_what_there_was_to_learn(
    plane: Opened,
) -> None:
    run = await begun(plane, "lesson", ANN, seed=7)
    [fault] = [one.id for one in plane.control.entries() if one.id.startswith("away-")]
    hit = {"fault": fault, "session": "ann-1", "step": "3", "place": "GET /x", "trace_id": "ab<c"}
    told = [hit | {"at": run["begun"] + 1, "fired": fired} for fired in (True, False)]
    plane.control.hear(report(service="shipping", hits=told))
    await plane.post(f"{API}/runs/{run['id']}/fix", json={"fix": "repair"}, headers=ANN)
    await plane.post(f"{API}/runs/{run['id']}/stop", headers=ANN)

    found = {
        kind: await plane.get(f"{API}/runs/{run['id']}/report?format={kind}", headers=ANN)
        for kind in ("json", "md", "html")
    }

    [away, _] = found["json"].json()["faults"]
    assert (away["matched"], away["fired"]) == (2, 1)
    assert [note["what"] for note in found["json"].json()["notes"]] == ["begun", "fixed", "stopped"]
    assert "session ann-1, step 3: shipping, GET /x, trace `ab<c`" in found["md"].text
    assert "<code>ab&lt;c</code>" in found["html"].text
    assert "<h2>Why</h2>" in found["html"].text
    assert "acme scenario run lesson --seed 7" in found["md"].text
