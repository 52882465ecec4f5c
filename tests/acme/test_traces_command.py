"""`acme traces import` hands files to lens and says what was read of each."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from acme.importing import Unreachable, import_file
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
