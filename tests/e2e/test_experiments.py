"""The experiments that come with the shop, on a shop as `acme up` starts it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from acme.launcher.environment import ROOT
from acme.running import control_plane
from chaos.client import ControlPlane
from chaos.experiments.toolkit import read_file, shipped
from tests.acme.command_line import acme
from tests.e2e.browser import needs_browser
from tests.e2e.launched import PATIENCE, Launched, until

OWN = {"auth-failure", "shipping-failure"}
HELD, CANNOT, DEVIATED = 0, 1, 4
EXPECTED = {
    "carrier-outage": HELD,
    "late-answer": DEVIATED,
    "lens-away": HELD,
    "private-outage": HELD,
}

WRONG = """
version: 1.0.0
title: A fault that there is not
description: It is refused.
configuration: {run: .acme, seed: 42}
steady-state-hypothesis:
  title: The shop has a front
  probes:
    - type: probe
      name: share of home pages that fail
      tolerance: {type: range, range: [0, 1]}
      provider:
        type: python
        module: chaos.experiments.probes
        func: measured
        arguments: {measure: failed_share, journey: home, clicks: 1}
method:
  - type: action
    name: a slip of the pen
    provider:
      type: python
      module: chaos.experiments.actions
      func: put_fault
      arguments: {fault: {id: wrong, effect: {type: eror}}}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    folder = tmp_path_factory.mktemp("experiments")
    launched = Launched(folder, tmp_path_factory.getbasetemp() / "bytecode")
    launched.up()
    launched.pids()
    yield launched
    launched.close()


@dataclass(frozen=True)
class Run:
    """An experiment that was run to its end: its exit code and its report."""

    code: int
    report: Path

    @property
    def texts(self) -> tuple[str, str]:
        markdown = self.report.with_suffix(".md").read_text(encoding="utf-8")
        return self.report.read_text(encoding="utf-8"), markdown


@pytest.fixture(scope="module")
def run(shop: Launched, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    """Runs an experiment by its name, each once."""

    @cache
    def once(name: str) -> Run:
        report = tmp_path_factory.mktemp(name) / f"{name}.html"
        words = ["experiment", "run", name, "--run-dir", str(shop.run), "--report", str(report)]
        return Run(acme(*words), report)

    return once


def test_each_experiment_says_in_its_description_what_is_expected() -> None:
    descriptions = {file.stem: read_file(file)["description"] for file in shipped()}
    page = (ROOT / "docs/experiments.md").read_text()

    assert descriptions.keys() == EXPECTED.keys()
    for name, code in EXPECTED.items():
        assert ("This deviates, on purpose" in descriptions[name]) == (code == DEVIATED)
        assert ("This holds." in descriptions[name]) == (code == HELD)
        assert f"| `{name}` |" in page


@pytest.mark.parametrize("name", EXPECTED)
def test_an_experiment_ends_as_it_says_and_leaves_the_shop_as_it_was(
    name: str, shop: Launched, run: Callable[[str], Run]
) -> None:
    done = run(name)
    now = control_plane(shop.run).get("/faults")

    assert done.code == EXPECTED[name]
    assert now["profile"] == "default"
    assert {row["id"] for row in now["faults"]} == OWN
    for text in done.texts:
        assert content_of(name)["title"] in text.replace("&#39;", "'")
        assert f".venv/bin/acme experiment run {name} --seed 42" in text
        assert "chaostoolkit-lib" in text
        assert "http://" not in text.replace(f"http://127.0.0.1:{shop.base + 11}/trace/", "")


def content_of(name: str) -> dict[str, str]:
    return dict(read_file(next(file for file in shipped() if file.stem == name)))


@needs_browser
def test_the_report_of_a_deviation_shows_the_charge_that_came_twice(
    run: Callable[[str], Run], chromium: Browser
) -> None:
    address = run("late-answer").report.as_uri()
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(address)
    wide = page.evaluate("document.documentElement.scrollWidth")
    shown = page.locator(".verdict").inner_text()
    fall = page.locator("article").first.inner_text()
    page.close()

    assert requested == [address]
    assert wide <= 390
    assert "DEVIATED" in shown
    assert "charges beside the first of each order was" in shown
    assert "another try went well" in fall
    assert fall.count("POST /v1/charges") == 2


def test_a_shop_that_is_not_as_it_should_be_is_no_deviation(
    shop: Launched, capsys: pytest.CaptureFixture[str]
) -> None:
    plane = control_plane(shop.run)
    fault = {"id": "in-the-way", "where": {"service": "gateway"}, "effect": {"type": "error"}}
    plane.request("PUT", "/faults/in-the-way", fault)
    code = acme("experiment", "run", "carrier-outage", "--run-dir", str(shop.run))
    plane.request("DELETE", "/faults/in-the-way")

    assert code == CANNOT
    assert "not steady: Even before the method, " in capsys.readouterr().out


def test_what_could_not_be_done_breaks_it_off(
    shop: Launched, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(WRONG)
    code = acme("experiment", "run", str(file), "--run-dir", str(shop.run))

    assert code == CANNOT
    output = capsys.readouterr().out
    assert "broken off: The experiment shows nothing: a slip of the pen could not be " in output
    assert 'did you mean "error"?' in output


def test_an_interrupted_experiment_takes_back_what_it_did(shop: Launched) -> None:
    plane = control_plane(shop.run)
    process = subprocess.Popen(
        shop.command("experiment", "run", "late-answer"),
        env=shop.environ,
        cwd=shop.run.parent,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    until(lambda: "experiment-no-idempotency" in ids(plane))
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it
    output, _ = process.communicate(timeout=PATIENCE)

    assert process.returncode == CANNOT
    assert b"broken off: The experiment was interrupted, and rolled back." in output
    assert ids(plane) == OWN
    assert plane.get("/profile")["name"] == "default"


def ids(plane: ControlPlane) -> set[str]:
    return {row["id"] for row in plane.get("/faults")["faults"]}


def test_without_the_engine_a_sentence_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "chaostoolkit", None)
    code = acme("experiment", "run", "carrier-outage", "--run-dir", str(tmp_path))

    assert code == CANNOT
    assert "[experiments]'" in capsys.readouterr().err
