"""The command `acme faults`, with a control plane and a few services in processes of their own."""

import http.client
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from acme.ephemeral import is_free
from acme.faults.explaining import others, replaced
from acme.faults.listing import happenings, origin
from acme.running import control_plane
from chaos.client import ControlPlane
from tests.acme.command_line import acme
from tests.e2e.launched import Launched, until

TOKEN, STUDENT = "of-the-presenter", "of-the-students"
FAULTS = """
faults:
  - id: thin-catalog
    title: half of the catalog's answers never arrive
    where: {service: catalog, route: GET /products}
    rate: 0.5
    effect: {type: reset}
  - id: slow-auth
    where: {service: auth}
    ttl: 90s
    effect: {type: latency, ms: 200}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    """A part of the shop whose control plane knows nobody without a token."""
    folder = tmp_path_factory.mktemp("faults")
    launched = Launched(folder, tmp_path_factory.getbasetemp() / "bytecode")
    launched.environ |= {
        "CHAOS_TOKEN": TOKEN,
        "CHAOS_STUDENT_TOKEN": STUDENT,
        "CHAOS_DEFAULT_ROLE": "none",
        "CATALOG_LATENCY_MS": "1",
    }
    launched.up("chaos", "lens", "gateway", "auth", "catalog")
    yield launched
    launched.close()


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAOS_TOKEN", TOKEN)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(autouse=True)
def clean(shop: Launched, token: None) -> Iterator[ControlPlane]:
    """The control plane, which has nothing of the last test."""
    plane = control_plane(shop.run)
    until(lambda: plane.get("/faults")["applied"] == "3/3")
    yield plane
    plane.request("POST", "/reset", {"scope": "all"})
    plane.request("PUT", "/profile", {"name": "default"})


class Result:
    """The exit code of a command, and what it printed."""

    def __init__(self, code: int, captured: tuple[str, str]) -> None:
        self.code, (self.out, self.err) = code, captured


class Faults:
    """`acme faults`, for the shop of these tests."""

    def __init__(self, run: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._run, self._capsys = run, capsys

    def __call__(self, order: str, *words: str) -> Result:
        code = acme("faults", order, "--run-dir", str(self._run), *words)
        return Result(code, self._capsys.readouterr())


@pytest.fixture
def faults(shop: Launched, capsys: pytest.CaptureFixture[str]) -> Faults:
    return Faults(shop.run, capsys)


def ask(shop: Launched, path: str, session: str = "") -> tuple[int, str]:
    """The status of the gateway's answer, and the id of its trace."""
    where = urlsplit(f"http://127.0.0.1:{shop.base + 1}{path}")
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
    headers = {"baggage": f"session.id={session},acmeshop.step=1"} if session else {}
    connection.request("GET", where.path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, str(answer.headers["traceresponse"]).split("-")[1]


def applied(plane: ControlPlane) -> None:
    until(lambda: plane.get("/faults")["applied"] == "3/3")


def test_the_list_says_where_each_value_comes_from(faults: Faults) -> None:
    result = faults("list", "--why")

    assert result.code == 0
    assert "auth: GET /auth" in result.out
    assert "auth-failure: 20 %, active. default fault of auth, from chaos/" in result.out
    assert "the variable CATALOG_LATENCY_MS" in result.out
    assert "2 active; the profile is default" in result.out


def test_a_program_reads_the_list_as_json(faults: Faults) -> None:
    rows = json.loads(faults("list", "--json").out)["faults"]

    assert {row["id"] for row in rows} == {"auth-failure", "catalog-latency"}


def test_a_fault_that_is_set_fires_until_it_is_cleared(
    faults: Faults, shop: Launched, clean: ControlPlane
) -> None:
    result = faults("set", "catalog-failure", "--rate", "1", "--status", "500", "--ttl", "10m")
    applied(clean)
    status, _ = ask(shop, "/products")
    cleared = faults("clear", "catalog-failure")
    applied(clean)

    assert result.out == "catalog-failure applied: 100 % for everybody, ends in 10m00s.\n"
    assert status >= 500
    assert cleared.out == "catalog-failure removed.\n"
    assert ask(shop, "/products")[0] == 200


def test_a_service_s_own_fault_is_replaced_and_the_list_says_so(
    faults: Faults, clean: ControlPlane
) -> None:
    faults("set", "auth-failure", "--rate", "0.05", "--reason", "a calm hour")
    result = faults("list", "--why").out

    assert "auth-failure: 5 %, active. applied by presenter (live): a calm hour" in result
    assert "auth-failure: 20 %, replaced." in result


def test_a_fault_for_one_session_fires_for_nobody_else(
    faults: Faults, shop: Launched, clean: ControlPlane
) -> None:
    result = faults("set", "catalog-failure", "--session", "s-1234")
    applied(clean)

    assert "for session s-1234" in result.out
    assert ask(shop, "/products", "s-1234")[0] >= 500
    assert ask(shop, "/products", "s-5678")[0] == 200
    assert "removed catalog-failure-s-1234" in faults("clear", "--session", "s-1234").out
    applied(clean)
    assert ask(shop, "/products", "s-1234")[0] == 200


def test_all_faults_of_a_file_are_applied(faults: Faults, tmp_path: Path) -> None:
    file = tmp_path / "two.yaml"
    file.write_text(FAULTS)

    result = faults("set", str(file))
    listed = faults("list").out

    assert result.out.splitlines() == [
        "thin-catalog applied: 50 % for everybody, ends in 15m00s.",
        "slow-auth applied: 100 % for everybody, ends in 1m30s.",
    ]
    assert "catalog: GET /products" in listed
    assert "latency 200 ms" in listed


def test_what_is_wrong_with_a_file_comes_with_a_hint(faults: Faults, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(FAULTS.replace("rate: 0.5", "rate: 50"))

    result = faults("set", str(file))

    assert result.code == 1
    assert "thin-catalog.rate" in result.err
    assert "did you mean 0.5 (50 %)?" in result.err
    assert "thin-catalog" not in faults("list").out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["set", "nowhere.yaml"], "nowhere.yaml cannot be read: No such file or directory"),
        (["set", "nothing"], "there is no fault nothing to change. There are auth-failure"),
        (["set", "auth-failur"], "to change. Did you mean 'auth-failure'?"),
        (["set", "catalog-latency", "--status", "500"], 'effect.status: there is no key "status"'),
        (["clear", "nothing"], "no fault nothing was applied here"),
        (
            ["clear", "auth-failure"],
            "`.venv/bin/acme faults set auth-failure --rate 0` turns it off",
        ),
        (["explain", "0" * 31 + "1"], f"the trace {'0' * 31}1 is not known"),
    ],
)
def test_a_refusal_is_a_sentence_and_exit_code_1(
    words: list[str], sentence: str, faults: Faults
) -> None:
    result = faults(*words)

    assert (result.code, result.out) == (1, "")
    assert sentence in result.err


@pytest.mark.parametrize(
    "words",
    [
        ["set"],
        ["set", "auth-failure", "--rate", "20"],
        ["set", "auth-failure", "--ttl", "soon"],
        ["clear"],
        ["explain", "me"],
        ["profile", "stormy"],
        ["break"],
    ],
)
def test_a_wrong_use_is_exit_code_2(words: list[str], faults: Faults) -> None:
    assert faults(*words).code == 2


def test_no_control_plane_is_exit_code_3(faults: Faults, shop: Launched) -> None:
    port = next(port for port in range(shop.base + 40, 65_000) if is_free(port))

    result = faults("list", "--url", f"http://127.0.0.1:{port}")

    assert result.code == 3
    assert f"no control plane answers at http://127.0.0.1:{port}" in result.err


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("", "the control plane wants to know who you are: set CHAOS_TOKEN"),
        ("guessed", "CHAOS_TOKEN is not a token that the control plane knows"),
    ],
)
def test_a_missing_or_wrong_token_is_answered_with_the_variable(
    shown: str, said: str, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAOS_TOKEN", shown)

    result = faults("list")

    assert result.code == 1
    assert said in result.err


def test_a_student_breaks_and_mends_their_own_session_and_no_other(
    faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAOS_TOKEN", STUDENT)
    mine = ("--session", "me-1")

    assert "for session me-1" in faults("set", "catalog-failure", *mine).out
    assert "presenter" in faults("set", "catalog-failure").err
    assert faults("clear", "catalog-failure-me-1", "--session", "me-2").code == 1
    assert faults("clear", "catalog-failure-me-1", *mine).out == "catalog-failure-me-1 removed.\n"
    unknown = ("explain", "0" * 31 + "1")
    assert "is not known" in faults(*unknown, *mine).err
    assert "give --session" in faults(*unknown).err


def test_a_student_has_scenarios_in_their_own_session_and_no_hidden_repairs(
    shop: Launched, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def scenario(*words: str, code: int = 0) -> str:
        assert acme("scenario", *words, "--run-dir", str(shop.run)) == code
        return "".join(capsys.readouterr())

    scenario("run", "ghost-charge")
    monkeypatch.setenv("CHAOS_TOKEN", STUDENT)
    mine = ("moody-carrier", "--session", "me-1")

    assert "moody-carrier for session me-1" in scenario("run", *mine)
    assert "Open the trace" in scenario("hint", *mine)
    assert "stopped" in scenario("stop", *mine)
    result = scenario("fix", "ghost-charge", "--session", "me-1")
    assert result == "Its fixes would give the cause away: reveal lists them.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--rate", "30"], "30 is not a share from 0 to 1. Did you mean 0.3 (30 %)?"),
        (["--rate", "x"], "x is not a share from 0 to 1"),
        (["--ms", "90000"], "90000 is not a number from 0 to 60,000"),
    ],
)
def test_a_value_that_cannot_be_used_is_answered_with_those_that_can(
    words: list[str], said: str, faults: Faults
) -> None:
    result = faults("set", "auth-failure", *words)

    assert result.code == 2
    assert said in result.err


def test_what_rests_for_a_scenario_is_explained_without_a_fault_that_is_far_away() -> None:
    class Plane(ControlPlane):
        def request(self, *_: object, **__: object) -> Any:
            far = {"id": "bank-away-1f", "source": "scenario:r-1", "failed": "where.service"}
            near = {"id": "auth-failure", "source": "topology", "failed": "instead_of"}
            why = ("it is for payment, not for auth", "bank-away-1f stands in for it here")
            rows = zip((far, near), why, strict=True)
            return {"faults": [{**row, "matched": False, "why": why} for row, why in rows]}

    question = {"service": "auth", "place": "GET /auth"}

    assert list(others(Plane("http://127.0.0.1:1"), [], [question], None))[1:] == [
        "bank-away-1f did not fire: it is for payment, which has no part in this trace.",
        f"auth-failure did not fire: {replaced({'source': 'scenario:r-1'})}.",
    ]


def test_a_fault_of_a_scenario_was_applied_by_its_run_and_by_nobody() -> None:
    row = {
        "source": "scenario:r-1",
        "reason": "scenario retry-storm",
        "why": "applied by student 218c",
    }

    assert origin(row) == "scenario retry-storm applied it, run r-1"


def test_a_trace_is_explained_by_draw_and_rate(
    faults: Faults, shop: Launched, clean: ControlPlane
) -> None:
    faults("set", "auth-failure", "--rate", "0")
    faults("set", "catalog-failure", "--rate", "0.999")
    applied(clean)
    _, trace = ask(shop, "/products", "s-1234")
    until(lambda: clean.get("/hits", trace_id=trace)["hits"])
    result = until(lambda: whole(faults("explain", trace)))

    assert "catalog-failure fired (catalog, GET /products): its draw 0." in result
    assert "is below its rate 0.999." in result
    assert "auth-failure did not fire: it is for auth, which has no part in this trace." in result


def whole(result: Result) -> str:
    """The explanation, once lens has the trace."""
    return result.out if "auth-failure did not fire" in result.out else ""


def test_a_program_reads_the_explanation_as_json(
    faults: Faults, shop: Launched, clean: ControlPlane
) -> None:
    faults("set", "catalog-failure")
    applied(clean)
    _, trace = ask(shop, "/products", "s-1234")
    until(lambda: clean.get("/hits", trace_id=trace)["hits"])
    until(lambda: whole(faults("explain", trace)))

    explanation = json.loads(faults("explain", trace, "--json").out)

    fired = {hit["fault"]: hit["fired"] for hit in explanation["hits"]}
    assert fired["catalog-failure"]
    assert "is below its rate" in explanation["hits"][0]["sentence"]
    assert any(sentence.startswith("auth-failure did not") for sentence in explanation["others"])


def test_what_did_not_fire_is_explained_too(
    faults: Faults, shop: Launched, clean: ControlPlane
) -> None:
    faults("set", "catalog-failure", "--rate", "0.000001", "--session", "s-1234")
    applied(clean)
    _, trace = ask(shop, "/products", "s-1234")
    until(lambda: clean.get("/hits", trace_id=trace)["hits"])

    result = faults("explain", f"http://127.0.0.1:1/trace/{trace}")

    assert re.search(r"did not fire \(.+\): its draw 0\.", result.out)
    assert "is not below its rate 1e-06." in result.out


def test_a_trace_that_nothing_matched_says_why_not(
    faults: Faults, shop: Launched, clean: ControlPlane
) -> None:
    faults("set", "catalog-failure", "--session", "s-1234")
    faults("set", "catalog-latency", "--rate", "0")
    applied(clean)
    _, trace = ask(shop, "/products")
    result = until(lambda: whole(faults("explain", trace)))

    assert "No fault fired in this trace." in result
    assert "catalog-failure-s-1234 did not fire: it is for another session (nearest: " in result


def test_clear_all_stops_everything_and_a_profile_brings_it_back(faults: Faults) -> None:
    faults("set", "catalog-failure")
    stopped = faults("clear", "--all")

    assert stopped.out == (
        "All fault injection stopped: removed catalog-failure.\n"
        "The shop's default faults rest, too: auth-failure, catalog-latency.\n"
        "`.venv/bin/acme faults profile default` puts the default faults back.\n"
    )
    assert "0 active; the profile is calm, everything was stopped" in faults("list").out
    assert faults("profile", "default").out == "The profile is default.\n"
    assert "2 active; the profile is default;" in faults("list").out


def test_watch_shows_changes_and_hits(faults: Faults, shop: Launched, clean: ControlPlane) -> None:
    lines = happenings(clean)
    first = next(lines)
    faults("set", "catalog-failure")
    applied(clean)
    ask(shop, "/products", "s-1234")

    assert "profile default, applied by 3/3" in first
    hit = next(line for line in lines if "catalog-failure" in line)
    assert "at GET /products in catalog, session s-1234: its draw" in hit
    lines.close()


def test_runs_are_listed_for_people_and_for_programs(
    shop: Launched, capsys: pytest.CaptureFixture[str]
) -> None:
    def scenario(*words: str) -> str:
        assert acme("scenario", *words, "--run-dir", str(shop.run)) == 0
        return capsys.readouterr().out

    scenario("run", "ghost-charge")

    assert re.search(r"ghost-charge +everybody +\d+ +running", scenario("status"))
    runs = json.loads(scenario("status", "--json"))
    assert (runs[0]["scenario"], runs[0]["state"]) == ("ghost-charge", "running")
    assert "stopped" in scenario("stop", runs[0]["id"])


@pytest.mark.parametrize("words", [("show", "goast-charge"), ("run", "goast-charge")])
def test_a_mistyped_scenario_is_answered_with_what_may_be_meant(
    words: tuple[str, ...], shop: Launched, capsys: pytest.CaptureFixture[str]
) -> None:
    assert acme("scenario", *words, "--run-dir", str(shop.run)) == 1

    assert capsys.readouterr().err == (
        "there is no scenario goast-charge. Did you mean 'ghost-charge'?\n"
    )


def test_the_command_line_knows_the_command(shop: Launched) -> None:
    assert "auth-failure" in shop.acme("faults", "list").stdout
