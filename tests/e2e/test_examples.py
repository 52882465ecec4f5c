"""The programs of examples/ in place of suggestions: one trace through two languages. They need
node or go, and what these install once.
"""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from acme.contract.check import Service, check
from acme.contract.tracing import Traces
from acme.launcher import environment
from tests.e2e.launched import ROOT, Launched, get, until
from traces.backend import Backend
from traces.model import Kind, Trace

MOCKS = json.loads((ROOT / "mocks/suggestions.json").read_text())
JOURNAL = "/articles/v1/?with_suggested=1"
INSTALLING = 240.0


def prepared(folder: Path, *command: str, **environ: str) -> None:
    """Installs or builds; skips where the registry of packages cannot be reached."""
    done = subprocess.run(
        command,
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **environ},
        timeout=INSTALLING,
    )
    if done.returncode:
        pytest.skip(f"{' '.join(command[:2])} failed: {done.stderr.strip()[-300:]}")


def node(_: Path) -> tuple[Path, list[str]]:
    folder = ROOT / "examples/suggestions-node"
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("node and npm are not on PATH")
    lock, installed = folder / "package-lock.json", folder / "node_modules/.package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        prepared(folder, "npm", "ci", "--ignore-scripts", "--prefer-offline")
    return folder, ["node", "--require", "./telemetry.js", "server.js"]


def go(scratch: Path) -> tuple[Path, list[str]]:
    folder, program = ROOT / "examples/suggestions-go", scratch / "suggestions"
    if not shutil.which("go"):
        pytest.skip("go is not on PATH")
    prepared(
        folder, "go", "build", "-o", str(program), ".", GOFLAGS="-mod=readonly -buildvcs=false"
    )
    return folder, [str(program)]


EXAMPLES = {"node": (node, "nodejs"), "go": (go, "go")}


@contextmanager
def running(
    folder: Path, command: Sequence[str], log: Path, environ: dict[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **environ}, stdout=output, stderr=output
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def trace_of_journal(gateway: str, lens: str) -> Trace:
    """The trace of reading the journal, once it has one root and all of its 24 suggestions."""
    connection = HTTPConnection(gateway.removeprefix("http://"), timeout=10)
    connection.request("GET", JOURNAL)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    answer.read()
    trace_id = answer.headers["traceresponse"].split("-")[1]
    connection.close()

    def whole() -> Trace | None:
        found = Backend(lens).trace(trace_id)
        ids = {span.span_id for span in found.spans}
        roots = [span.service for span in found.spans if span.parent_id not in ids]
        theirs = [span for span in found.spans if span.service == "suggestions"]
        return found if (roots, len(theirs)) == (["gateway"], 24) else None

    return until(whole)


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_one_trace_of_the_journal_goes_through_two_languages(
    name: str, shop: Launched, tmp_path: Path
) -> None:
    prepare, language = EXAMPLES[name]
    folder, command = prepare(tmp_path)
    shop.up("gateway", "articles", "lens", "--without", "suggestions")
    found = shop.services()
    url, lens, log = found["suggestions"]["url"], found["lens"], tmp_path / "program.log"
    otlp = environment.address("127.0.0.1", lens["ports"][1])
    environ = {
        "SUGGESTIONS_PORT": str(found["suggestions"]["ports"][0]),
        "OTEL_EXPORTER_OTLP_ENDPOINT": otlp,
    }
    with running(folder, command, log, environ) as process:
        until(lambda: get(f"{url}/readyz")[0] == 200 or process.poll() is not None)
        assert process.poll() is None, log.read_text()

        findings = list(check(Service("suggestions", url, 60.0), Traces(lens["url"], otlp)))
        assert [one for one in findings if one.mark == "fail"] == []
        assert any("continues the trace of its caller" in one.what for one in findings)

        trace = trace_of_journal(found["gateway"]["url"], lens["url"])
        calls = {span.span_id for span in trace.spans if span.kind is Kind.CLIENT}
        theirs = [span for span in trace.spans if span.service == "suggestions"]
        assert all(span.parent_id in calls for span in theirs)
        assert {span.resource["telemetry.sdk.language"] for span in theirs} == {language}
        assert {span.kind for span in theirs} == {Kind.SERVER}
        lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
        ids = {(span.trace_id, span.span_id) for span in theirs}
        logged = {(line.get("trace_id"), line.get("span_id")) for line in lines}
        assert ids <= logged, "each request logs a line, with the ids of its span"

        for thing, suggested in {**MOCKS["suggestions"], **MOCKS["products"]}.items():
            assert json.loads(get(f"{url}/suggestions/v1/{thing}")[1]) == suggested
        for thing, detail in (("rope", "no product rope"), ("99", "no article 99")):
            status, error = get(f"{url}/suggestions/v1/{thing}")
            assert (status, json.loads(error)["detail"]) == (404, detail)

        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
