"""`acme traffic`: simulated people in a shop of real processes."""

import json
import signal
import subprocess
import sys
from pathlib import Path

from tests.acme.littleshop import LittleShop, served
from tests.e2e.launched import PATIENCE, ROOT, Launched, get, until

CALM = {"AUTH_FAILURE_RATE": "0", "SHIPPING_FAILURE_RATE": "0"}


def test_simulated_people_find_their_way_through_the_whole_shop(launched: Launched) -> None:
    launched.environ |= CALM
    launched.up()

    length = ["--users", "2", "--rate", "25", "--clicks", "80"]
    done = launched.acme("traffic", "--journey", "buy", "--seed", "2", *length, "--json")

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["visits"]["made"] >= 2, done.stdout
    assert figures["visits"]["given_up"] == 0, done.stdout
    assert figures["rows"]["POST /register"]["ok"] == figures["rows"]["POST /login/demo"]["ok"] == 1
    assert figures["rows"]["POST /checkout"]["ok"] >= 2
    assert {status for row in figures["rows"].values() for status in row["failed"]} <= {"402"}


def test_a_click_that_failed_is_shown_with_the_trace_of_it(launched: Launched) -> None:
    launched.environ |= CALM | {"CATALOG_FAILURE_RATE": "1"}
    launched.up()

    length = ["--users", "1", "--rate", "50", "--clicks", "5"]
    done = launched.acme("traffic", "--journey", "browse", *length, "--json")

    assert done.returncode == 0, done.stderr
    failure = json.loads(done.stdout)["last_failures"][0]
    lens = launched.services()["lens"]["url"]
    assert failure["link"] == f"{lens}/trace/{failure['trace_id']}"
    until(lambda: get(f"{lens}/api/traces/{failure['trace_id']}")[0] == 200)


def test_ctrl_c_ends_it_and_the_table_is_shown_all_the_same(tmp_path: Path) -> None:
    shop = LittleShop()
    with served(shop) as server:
        command = [sys.executable, "-m", "acme.cli", "traffic", "--url", server.url]
        process = subprocess.Popen(
            [*command, "--rate", "100", "--seconds", "600", "--run-dir", str(tmp_path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        until(lambda: len(shop.clicks) > 20)
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert "GET /products" in printed
    assert "visits were ended" in printed
