"""What the shop says to lens of its own code."""

import json

import pytest

from acme.launcher.environment import ROOT
from acme.lens import HINTS
from lens.__main__ import parser
from lens.domain.hints import Hints
from shared.topology import BY_NAME

ROWS = json.loads(HINTS.read_text())["code"]


def test_every_service_with_spans_says_where_its_routes_are() -> None:
    traced = {row.name for row in BY_NAME.values() if row.traced}
    assert {row["service"] for row in ROWS if row["kind"] == "server"} == traced


@pytest.mark.parametrize("file", sorted({row["file"] for row in ROWS}))
def test_each_file_is_there(file: str) -> None:
    assert (ROOT / file).exists()


def test_a_row_that_names_a_peer_comes_before_one_for_all() -> None:
    seen: set[tuple[str, str]] = set()
    for row in ROWS:
        key = (row["service"], row["kind"])
        assert key not in seen
        if "peer" not in row:
            seen.add(key)


def test_lens_alone_takes_the_file_as_an_option() -> None:
    assert parser().parse_args(["--hints", str(HINTS)]).hints == Hints.read(HINTS.read_text())


def test_a_file_without_hints_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["--hints", str(ROOT / "pyproject.toml")])
    assert "has no hints: it is no JSON" in capsys.readouterr().err
