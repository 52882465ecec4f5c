"""Scenarios over HTTP: who may see and do what, and what is shown of a run."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from chaos.control_plane.domain.roles import MOST_OF_STUDENTS
from tests.chaos.lessons import written_into
from tests.chaos.opened import API, Opened, Opener, entry, report

PRESENTER, STUDENT = {"authorization": "Bearer teach"}, {"authorization": "Bearer learn"}
ANN = {**STUDENT, "cookie": "shop_session=ann-1.3"}
BOB = {**STUDENT, "cookie": "shop_session=bob-1.9"}
CSP = "content-security-policy"
CULPRIT = ("carrier", "culprit", "fall back")


@pytest.fixture
async def plane(open_plane: Opener, tmp_path: Path) -> Opened:
    """A control plane with tokens and three scenarios."""
    folder = written_into(tmp_path / "scenarios")
    tokens = {"CHAOS_TOKEN": "teach", "CHAOS_STUDENT_TOKEN": "learn"}
    return await open_plane(ACME_SCENARIOS=str(folder), CHAOS_DEFAULT_ROLE="none", **tokens)


async def begun(plane: Opened, id_: str, who: dict[str, str], **wanted: Any) -> dict[str, Any]:
    answer = await plane.post(f"{API}/scenarios/{id_}/runs", json=wanted, headers=who)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{API}/runs/{answer.json()['id']}"
    return dict(answer.json())


def scripts(page: Response) -> str:
    """Where the page may have scripts from; its own style is the one style that it may have."""
    policy = dict(one.strip().split(" ", 1) for one in page.headers[CSP].split(";"))
    style = sha256(page.text.partition("<style>")[2].partition("</style>")[0].encode()).digest()
    assert policy["style-src"] == f"'sha256-{b64encode(style).decode()}'"
    return policy.get("script-src", policy["default-src"])


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
    content = [
        (await plane.get(f"{API}/scenarios/secret", headers=ANN)).text,
        (await plane.get(at, headers=ANN)).text,
        (await plane.post(f"{at}/hint", headers=ANN)).text,
        (await plane.get(f"{API}/faults", headers=ANN)).text,
        (await plane.post(f"{at}/fix", json={"fix": "fallback"}, headers=ANN)).text,
    ]
    assert [word for text in content for word in CULPRIT if word in text.lower()] == []
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


async def test_the_page_offers_a_student_nothing_of_a_run_of_the_class_but_a_look(
    plane: Opened,
) -> None:
    await begun(plane, "everybodys", PRESENTER)
    orders = [f'data-{what}="' for what in ("hint", "reveal", "run-stop")]

    theirs, ours = [(await plane.get("/", headers=who)).text for who in (ANN, PRESENTER)]

    assert [order in theirs for order in orders] == [False] * 3
    assert [order in ours for order in orders] == [True] * 3
    assert "<b>Running</b> for everybody" in theirs


async def test_a_run_can_be_begun_anew(plane: Opened) -> None:
    run = await begun(plane, "lesson", ANN, seed=9)

    again = await plane.post(f"{API}/runs/{run['id']}/restart", headers=ANN)

    assert (again.status_code, again.json()["seed"]) == (201, 9)
    assert (await plane.get(f"{API}/runs/{run['id']}", headers=ANN)).json()["state"] == "stopped"


async def test_a_run_says_how_many_processes_have_its_faults(plane: Opened) -> None:
    plane.control.hear(report(revision=plane.control.revisions.last))
    run = await begun(plane, "lesson", ANN)
    assert run["applied"] == "0/1"

    plane.control.hear(report(revision=plane.control.revisions.last))

    assert (await plane.get(f"{API}/runs/{run['id']}", headers=ANN)).json()["applied"] == "1/1"


async def test_the_report_has_the_hits_and_the_debrief(
    plane: Opened,
) -> None:
    run = await begun(plane, "lesson", ANN, seed=7)
    [fault] = [one.id for one in plane.control.entries() if one.id.startswith("away-")]
    hit = {"fault": fault, "session": "ann-1", "step": "3", "place": "GET /x", "trace_id": "ab<c"}
    content = [hit | {"at": run["begun"], "fired": fired} for fired in (True, False)]
    plane.control.hear(report(service="shipping", hits=content))
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
    assert scripts(found["html"]) == "'none'"
    kept = found["html"].headers
    assert (kept["cache-control"], kept["x-content-type-options"]) == ("no-store", "nosniff")
    assert 'filename="scenario-lesson.html"' in found["html"].headers["content-disposition"]
    assert "<h2>Why</h2>" in found["html"].text
    assert "`.venv/bin/acme scenario run lesson --seed 7 --session ann-1`" in found["md"].text


async def test_no_fix_of_a_hidden_run_is_shown_before_the_reveal(plane: Opened) -> None:
    run = await begun(plane, "secret", ANN)
    at = f"{API}/runs/{run['id']}"
    unknown = await plane.post(f"{at}/fix", json={"fix": "magic"}, headers=ANN)
    fixed = await plane.post(f"{at}/fix", json={"fix": "fallback"}, headers=ANN)

    assert (unknown.status_code, fixed.status_code) == (404, 200)
    assert "fallback" not in unknown.text + fixed.text
    shown = await plane.get(f"{at}?hidden=show", headers=PRESENTER)
    assert shown.json()["made"] == ["fallback"]


async def test_a_scenario_keeps_its_repairs_to_itself_while_a_run_of_it_is_hidden(
    plane: Opened,
) -> None:
    run = await begun(plane, "lesson", ANN, reveal="hidden")
    card = await plane.get(f"{API}/scenarios/lesson", headers=ANN)
    assert card.json()["fixes"] == []

    await plane.post(f"{API}/runs/{run['id']}/reveal", headers=ANN)

    card = await plane.get(f"{API}/scenarios/lesson", headers=ANN)
    assert len(card.json()["fixes"]) == 2


async def test_a_report_has_no_hits_of_the_next_run_with_the_same_seed(plane: Opened) -> None:
    counts = []
    first = await begun(plane, "lesson", ANN, seed=7)
    [fault] = [one.id for one in plane.control.entries() if one.id.startswith("away-")]
    run = first
    for _ in range(2):
        hit = {"fault": fault, "session": "ann-1", "at": run["begun"]}
        plane.control.hear(report(service="shipping", hits=[hit]))
        await plane.post(f"{API}/runs/{run['id']}/stop", headers=ANN)
        content = await plane.get(f"{API}/runs/{first['id']}/report", headers=ANN)
        counts.append(content.json()["faults"][0]["fired"])
        run = await begun(plane, "lesson", ANN, seed=7)

    assert counts == [1, 1]


async def test_students_runs_leave_capacity_for_presenters(plane: Opened) -> None:
    run = await begun(plane, "lesson", ANN)
    await plane.post(f"{API}/runs/{run['id']}/stop", headers=ANN)
    plane.control.put(*(entry(f"f-{n}") for n in range(MOST_OF_STUDENTS - 1)))

    anew = await plane.post(f"{API}/runs/{run['id']}/restart", headers=ANN)
    another = await plane.post(f"{API}/scenarios/secret/runs", json={}, headers=ANN)

    assert (anew.status_code, another.status_code) == (429, 429)
    await begun(plane, "lesson", PRESENTER, session="ann-1")
