"""The command `acme traffic`: what it sends over HTTP, and what it prints."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from acme.launcher.state import Process, RunFolder, State
from acme.traffic.crowd import Browser, Pace
from acme.traffic.outcomes import Outcome, Outcomes
from acme.traffic.page import Click, typed
from acme.traffic.run import NoTarget, Target
from tests.acme.command_line import acme
from tests.acme.littleshop import TRACE, LittleShop, Served, served

FAST = ["--rate", "1000", "--users", "3"]


def command(server: Served, folder: Path, *options: str) -> list[str]:
    return ["traffic", "--url", server.url, "--run-dir", str(folder), *FAST, *options]


def test_people_click_through_the_shop_and_a_table_shows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = LittleShop({"POST /checkout": [503]})
    with served(shop) as server:
        code = acme(*command(server, tmp_path, "--clicks", "60", "--journey", "buy", "--seed", "4"))

    printed = capsys.readouterr().out
    assert code == 0
    assert "GET /products/{id}" in printed
    assert "503 ×1" in printed
    assert "POST /checkout: 503 after " in printed
    assert f"/trace/{TRACE}" in printed


def test_the_figures_are_printed_for_programs_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = LittleShop({"GET /journal": [500]})
    with served(shop) as server:
        acme(*command(server, tmp_path, "--clicks", "30", "--journey", "browse", "--json"))

    figures = json.loads(capsys.readouterr().out)
    assert figures["clicks"] == 30
    assert sum(row["count"] for row in figures["rows"].values()) == len(shop.clicks) == 30
    assert figures["rows"]["GET /journal"]["failed"] == {"500": 1}
    assert figures["last_failures"][0]["trace_id"] == TRACE


def test_a_time_ends_it(tmp_path: Path) -> None:
    shop = LittleShop()
    with served(shop) as server:
        code = acme(*command(server, tmp_path, "--seconds", "0.1", "--journey", "browse"))

    assert code == 0
    assert shop.clicks


def test_a_shop_that_is_not_there_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(LittleShop()) as server:
        gone = command(server, tmp_path)

    assert acme(*gone) == 1
    assert f"nothing answers at {gone[2]}" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["http://shop.example.com", "http://192.0.2.7:8080"])
def test_other_machines_are_left_alone(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert acme("traffic", "--url", url, "--run-dir", str(tmp_path)) == 2

    assert "--elsewhere" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["http://localhost:1", "http://127.0.0.2:1", "http://[::1]:1"])
def test_this_machine_has_several_names(url: str, tmp_path: Path) -> None:
    assert Target.find(tmp_path, url).is_near


def test_the_shop_that_runs_is_the_one_to_click_through(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    before = Target.find(run.path, None)
    places = {"frontend": "http://127.0.0.1:23000", "lens": "http://127.0.0.1:23011"}
    services = {name: Process(1, [], url, 0.0) for name, url in places.items()}
    lock = run.lock()
    assert lock is not None
    run.write(State(1, 0.0, 267, services=services))

    target = Target.find(run.path, None)

    assert before.url == "http://127.0.0.1:8080"
    assert target.url == places["frontend"]
    assert target.trace("abc") == "http://127.0.0.1:23011/trace/abc"


def test_traces_are_looked_at_where_the_shop_itself_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTEND_TRACE_LINKS", "Jaeger=http://127.0.0.1:1/t/{trace_id}")

    assert Target.find(tmp_path, None).trace("abc") == "http://127.0.0.1:1/t/abc"


def test_a_setting_that_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTEND_PORT", "many")

    with pytest.raises(NoTarget, match="FRONTEND_PORT=many"):
        Target.find(tmp_path, None)


async def test_a_browser_keeps_cookies_and_sends_forms() -> None:
    shop, outcomes = LittleShop(), Outcomes()
    with served(shop) as server:
        async with Browser(server.url, outcomes) as browser:
            await browser.open(typed("/"))
            page = await browser.open(Click("POST", "/cart/items", {"quantity": "2"}))

    assert server.cookies == ["", "me=you"]
    assert shop.clicks[-1].fields == {"quantity": "2"}
    assert page.leads_to == "/cart"
    assert outcomes.rows["POST /cart/items"].ok == 1


async def test_no_answer_is_an_outcome_too() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("too long", request=request)

    outcomes = Outcomes()
    async with Browser("http://127.0.0.1:1", outcomes, httpx.MockTransport(fail)) as browser:
        page = await browser.open(typed("/cart"))

    assert page.failed
    assert outcomes.rows["GET /cart"].failed == {0: 1}
    assert not outcomes.answered


async def test_a_pace_gives_as_many_turns_as_it_is_started_with() -> None:
    pace = Pace(10_000)
    pace.start(60, 5)

    turns = await asyncio.gather(*(pace.turn() for _ in range(8)))

    assert turns.count(True) == pace.taken == 5
    assert pace.done == 1


async def test_a_pace_gives_no_turn_after_its_end() -> None:
    pace = Pace(1)
    pace.start(0.5)

    turns = await asyncio.gather(*(pace.turn() for _ in range(3)))

    assert turns == [True, False, False]


def test_percentiles_are_those_of_answers_that_there_were() -> None:
    outcomes = Outcomes()
    for ms in range(1, 101):
        outcomes.note(Outcome("GET /", 200 if ms % 4 else 503, ms / 1000))

    row = outcomes.rows["GET /"]

    assert (row.percentile(50), row.percentile(95), row.percentile(100)) == (0.05, 0.095, 0.1)
    assert (row.ok, row.failed) == (75, {503: 25})


def test_only_the_last_failures_are_remembered() -> None:
    outcomes = Outcomes()
    for number in range(50):
        outcomes.note(Outcome("GET /", 500, 0.1, str(number)))

    assert [failure.trace_id for failure in outcomes.failures] == [str(n) for n in range(40, 50)]
    assert outcomes.failed == 50
