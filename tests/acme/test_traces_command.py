"""`acme traces` and `acme logs` against lens, in a process of its own."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from acme.connection import Unreachable
from acme.importing import import_file
from tests.acme.command_line import acme
from traces.formats.reading import read

ROOT = Path(__file__).parents[2]
PORTS = ("--port", "0", "--otlp-port", "0", "--otlp-grpc-port", "0")
STORED = ROOT / "tests" / "data" / "traces" / "n_plus_one.json"


@pytest.fixture(scope="module")
def lens() -> Iterator[str]:
    command = [sys.executable, "-m", "lens", "--ephemeral", *PORTS]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield next(w for w in process.stdout.readline().split() if w.startswith("http://"))
        process.terminate()


def test_each_file_is_said_with_what_was_read_and_where_to_look(
    lens: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = tmp_path / "odd.jsonl"
    odd.write_text(STORED.read_text().replace("\n", " ") + '\n{"a": 1}\n')
    assert acme("traces", "import", str(STORED), str(odd), "--url", lens) == 0
    said = capsys.readouterr().out
    spans = read(STORED.read_bytes()).spans.taken
    assert f"{STORED}: OTLP traces: 1 trace, {len(spans)} spans\n" in said
    assert "  1 rejected: line 2: this is of no form that is known here" in said
    assert said.count(f"  {lens}/trace/{spans[0].trace_id}\n") == 2


def test_a_file_without_traces_is_one_sentence_and_the_others_are_imported(
    lens: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tea = tmp_path / "tea.txt"
    tea.write_text("tea")
    absent = tmp_path / "absent.json"
    files = map(str, (tea, absent, STORED))
    assert acme("traces", "import", *files, "--json", "--url", lens) == 1
    said = capsys.readouterr()
    (found,) = json.loads(said.out)
    assert (found["name"], found["rejected"], len(found["traceIds"])) == (str(STORED), 0, 1)
    first, second = said.err.splitlines()
    assert first.startswith(f"{tea}: tea.txt cannot be imported: it is neither JSON nor OTLP")
    assert second == f"{absent} cannot be read: No such file or directory"


def test_without_a_lens_it_says_how_to_name_one(capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = "http://127.0.0.1:9"
    assert acme("traces", "import", str(STORED), "--url", nowhere) == 3
    assert capsys.readouterr().err.startswith(f"no lens answers at {nowhere} (")
    with pytest.raises(Unreachable):
        import_file(nowhere, STORED)


def imported(lens: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The id of a trace that lens has, with a log line of its first span."""
    first = read(STORED.read_bytes()).spans.taken[0]
    record = {
        "timeUnixNano": str(first.start_ns),
        "severityNumber": 13,
        "body": {"stringValue": "low on tea"},
        "traceId": first.trace_id,
        "spanId": first.span_id,
    }
    named = {"key": "service.name", "value": {"stringValue": first.service}}
    logs = {"resource": {"attributes": [named]}, "scopeLogs": [{"logRecords": [record]}]}
    file = tmp_path / "logs.json"
    file.write_text(json.dumps({"resourceLogs": [logs]}))
    assert acme("traces", "import", str(STORED), str(file), "--url", lens) == 0
    capsys.readouterr()
    return first.trace_id


def test_a_trace_is_listed_shown_and_found_by_its_log_lines(
    lens: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace_id = imported(lens, tmp_path, capsys)
    assert acme("traces", "list", "--since", "2000d", "--url", lens) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split()[-1] == "root"
    assert any(trace_id in row for row in rows)
    assert acme("traces", "list", "--since", "2000d", "--json", "--url", lens) == 0
    assert trace_id in {one["traceId"] for one in json.loads(capsys.readouterr().out)}
    query = "{service=gateway} >> {service=catalog}"
    found = ("traces", "list", "--since", "2000d", "--json", "--query")
    assert acme(*found, query, "--url", lens) == 0
    assert trace_id in {one["traceId"] for one in json.loads(capsys.readouterr().out)}
    assert acme(*found, "{service=catalog} >> {service=gateway}", "--url", lens) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert acme("traces", "show", f"{lens}/trace/{trace_id}?span=1", "--logs", "--url", lens) == 0
    shown = capsys.readouterr().out
    assert "catalog SELECT products" in shown
    assert "WARN low on tea" in shown
    assert acme("traces", "show", trace_id, "--json", "--url", lens) == 0
    assert json.loads(capsys.readouterr().out)["traceId"] == trace_id
    assert acme("logs", "--trace", trace_id, "--level", "warn", "--url", lens) == 0
    assert "low on tea" in capsys.readouterr().out
    assert acme("logs", "--trace", trace_id, "--json", "--limit", "1", "--url", lens) == 0
    assert json.loads(capsys.readouterr().out)["traceId"] == trace_id


def test_what_does_not_fit_is_said_with_what_may_be_meant(
    lens: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(lens, tmp_path, capsys)
    assert acme("traces", "list", "--service", "gatewy", "--url", lens) == 0
    assert capsys.readouterr().err == "No trace fits. Did you mean 'gateway'?\n"
    assert acme("logs", "--service", "gatewy", "--url", lens) == 0
    assert capsys.readouterr().err == "No log line fits. Did you mean 'gateway'?\n"
    assert acme("logs", "--text", "nowhere", "--url", lens) == 0
    assert capsys.readouterr().err == "No log line fits.\n"


def commands_of_the_guide() -> list[str]:
    text = (ROOT / "docs/logs-and-metrics.md").read_text()
    found = re.findall(r"(?:^\$ |`)acme ((?:logs|traces) [^`\n]*)", text, re.MULTILINE)
    return [one for one in dict.fromkeys(found) if "--follow" not in one]


@pytest.mark.parametrize("command", commands_of_the_guide())
def test_the_commands_of_the_guide_to_logs_and_metrics_work(
    lens: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    known = imported(lens, tmp_path, capsys)
    words = [known if re.fullmatch("TRACE_ID|[0-9a-f]{32}", w) else w for w in shlex.split(command)]
    assert acme(*words, "--url", lens) == 0
    if known in words:
        assert "low on tea" in capsys.readouterr().out


def test_the_guide_has_commands() -> None:
    assert len(commands_of_the_guide()) >= 8


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("traces", "show", "f" * 32), 1, f"has no trace {'f' * 32}, or no longer"),
        (("traces", "show", "tea"), 2, "tea has no trace id: up to 32 digits"),
        (("traces", "list", "--min", "soon"), 2, "soon is not a duration such as 100ms"),
        (("traces", "list", "--tag", "x"), 2, "x is not KEY=VALUE"),
        (("traces", "list", "--query", "{"), 1, "q: "),
        (("traces", "tail", "--max", "1"), 2, "1 is not a duration such as 100ms"),
        (("logs", "--trace", "tea"), 2, "tea has no trace id"),
        (("logs", "--since", "x"), 2, "x is not a duration"),
        (("logs", "--level", "loud"), 2, "loud is none of trace, debug"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_word_is_a_sentence(
    lens: str,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    sentence: str,
) -> None:
    assert acme(*arguments, "--url", lens) == code
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [("traces", "list"), ("traces", "show"), ("traces", "tail"), ("logs", "--follow")]
)
def test_where_nothing_answers_every_command_says_so(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert acme(*arguments, "--url", "http://127.0.0.1:9") == 3
    assert "no lens answers at http://127.0.0.1:9 (" in capsys.readouterr().err


DATA = STORED.parent


def test_a_trace_of_lens_is_explained_as_on_its_page(
    lens: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    id_ = imported(lens, tmp_path, capsys)
    assert acme("traces", "explain", id_, "--url", lens) == 0
    verdict, problem, time, trace = capsys.readouterr().out.splitlines()
    assert verdict == "GET /products went well: 28 spans in 2 services, 21.5 ms."
    assert problem == (
        "x catalog called sqlite 25 times, one after the other (SELECT products): an N+1."
    )
    assert time.startswith("- The largest part of the time, 15.6 ms of 21.5 ms (73 %), was ")
    assert trace == f"trace {id_}"


def test_a_file_is_explained_without_a_lens(capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = ("--url", "http://127.0.0.1:9")
    files = str(DATA / "timeout.json"), str(DATA / "auth_failure.json")
    assert acme("traces", "explain", *files, "--why", *nowhere) == 0
    said = capsys.readouterr().out
    assert "x orders worked on for 1.02 s after gateway gave up.\n    A timeout means" in said
    assert "It began in auth: GET /auth answered 500" in said
    assert acme("traces", "explain", *files, "--json", *nowhere) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["findings"][0]["kind"] for one in found] == ["error", "injected"]


def test_two_traces_are_compared(
    lens: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    id_ = imported(lens, tmp_path, capsys)
    other = str(DATA / "carrier_failure.json")
    assert acme("traces", "compare", str(DATA / "timeout.json"), other, "--url", lens) == 0
    said = capsys.readouterr().out
    assert "shipping: GET /v1/tracking/{tracking} failed." in said
    assert "gateway: GET /orders/{order_id}         mended    1.01 s  27.2 ms     -979 ms" in said
    assert acme("traces", "compare", id_, id_, "--url", lens) == 0
    assert "and both did the same." in capsys.readouterr().out
    assert acme("traces", "compare", id_, other, "--url", lens, "--json") == 0
    compared = json.loads(capsys.readouterr().out)
    assert {row["state"] for row in compared["rows"]} - {"same"}
    assert all(row["first_ns"] or row["second_ns"] for row in compared["rows"])


@pytest.mark.parametrize("command", [("explain", "tea"), ("compare", str(STORED), "tea")])
def test_what_is_no_trace_cannot_be_explained(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert acme("traces", *command) == 2
    assert "tea is no file, and has no trace id" in " ".join(capsys.readouterr().err.split())


def test_a_trace_that_lens_does_not_have_cannot_be_explained(
    lens: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert acme("traces", "explain", "77", "--url", lens) == 1
    assert capsys.readouterr().err == f"{lens} has no trace {0x77:032x}, or no longer\n"
