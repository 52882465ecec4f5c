"""Tables on a terminal of 80 columns: no line is longer, and none is broken inside of a word."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import acme
from acme.commands import scenario
from acme.faults import explaining, listing
from acme.launcher import ps
from acme.launcher.ps import Row
from acme.launcher.state import State
from acme.terminal import columns
from acme.traffic import run as traffic
from tests.acme.command_line import acme as acme_command

WIDE = 80
SESSION = "5e551011abcdef00"
FAULT = {
    "id": f"shipping-failure-{SESSION}",
    "title": "",
    "service": "shipping",
    "where": {"side": "client", "service": "shipping", "peer": "carrier", "match": {}},
    "rate": 0.3,
    "effect": {"type": "error", "status": 503},
}
LISTED = {
    "id": FAULT["id"],
    "service": "shipping",
    "state": "active",
    "source": "live",
    "why": "applied by presenter",
    "applied": "9/12",
    "expires_in": 14_399.0,
    "matched": 12_345,
    "fired": 1_234,
    "fault": FAULT,
}
HIT = {
    "fault": FAULT["id"],
    "service": "suggestions",
    "place": "POST /order/add/{user_id}",
    "attempt": 11,
    "draw": 0.1234,
    "rate": 0.3,
    "fired": True,
}
RUN = {
    "id": "r-0123abcd",
    "scenario": "midnight-stampede",
    "session": SESSION,
    "seed": 2**63 - 1,
    "state": "running",
    "ends_in": 900.0,
}
CARD = {
    "id": "midnight-stampede",
    "level": "intermediate",
    "minutes": 12,
    "scope": "session",
    "title": "Quick alone, and slow in a crowd as soon as it is midnight in the shop",
    "runs": [RUN],
}
FIXES = {"fixes": [{"id": "one-at-a-time", "title": "word " * 30, "made": True}]}
PORTS = [16686, 4318, 4317]
PROCESS = Row("suggestions", 4_194_304, PORTS, "", 7_500, 12, 1234.5, 2345.6, 123, True, False)


def tables() -> Iterator[tuple[str, str]]:
    """Each table of the command line, with long content."""
    yield "faults list", columns(listing.HEAD, [listing.cells(LISTED)], listing.RIGHT)
    yield "faults explain", columns(explaining.HEAD, [explaining.cells(HIT)])
    yield "scenario list", scenario.table([CARD])
    yield "scenario status", scenario.table_of_runs([RUN])
    yield "scenario fix", scenario.table_of_fixes(FIXES)
    yield "ps", ps.as_table(State(1, 0.0, 7), [PROCESS]).rpartition("\n")[0]
    click = ("POST /cart/items/storm-lantern", "12345", "12000", "503 ×300, 504 ×45", "1 ms")
    yield "traffic", columns(traffic.HEAD, [(*click, "10000 ms", "10000 ms")])


@pytest.mark.parametrize("name", [name for name, _ in tables()])
def test_a_table_fits_into_80_columns(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wide = dict(tables())[name]
    monkeypatch.setenv("COLUMNS", str(WIDE))
    narrow = dict(tables())[name]

    assert max(map(len, narrow.splitlines())) <= WIDE
    below_its_head = wide.partition("\n")[2]
    assert set(below_its_head.split()) <= set(narrow.split())


def test_the_experiments_are_listed_in_80_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(WIDE))
    assert acme_command("experiment", "list") == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= WIDE


def test_every_table_is_one_of_these() -> None:
    files = Path(acme.__file__).parent.rglob("*.py")
    imported = {
        node.module
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom)
    }
    assert "rich.table" not in imported


WORD = st.text("abcdefgh-", min_size=1, max_size=30)
CELL = st.lists(WORD, max_size=8).map(" ".join)


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=4), st.integers(20, 120))
def test_no_word_is_broken_and_no_line_is_too_long(
    rows: list[tuple[str, str, str]], width: int
) -> None:
    table = columns(("one", "two", "three"), rows, right=["two"], width=width)

    words = {word for row in rows for cell in row for word in cell.split()}
    assert words <= set(table.split())
    longest = max(map(len, words), default=0)
    assert max(map(len, table.splitlines())) <= max(width, longest + 9)


def test_where_words_do_not_fit_beside_each_other_a_row_is_a_list() -> None:
    row = ("x" * 15, "y" * 15, "some words more")
    assert columns(("one", "two", "three"), [row], width=24).splitlines() == [
        "xxxxxxxxxxxxxxx",
        "  two    yyyyyyyyyyyyyyy",
        "  three  some words more",
    ]


def test_the_widest_column_gives_first() -> None:
    rows = [("a", "one two three four"), ("b", "five")]
    assert columns(("id", "text"), rows, width=14).splitlines() == [
        "id  text",
        "a   one two",
        "    three four",
        "b   five",
    ]
