"""The spans and events that services make themselves are those that docs/telemetry.md lists."""

import re
from pathlib import Path

import pytest

CODE = "".join(path.read_text() for path in sorted(Path("services").rglob("*.py")))
PAGE = Path("docs/telemetry.md").read_text()
SECTION = PAGE.partition("## Spans made by hand")[2].partition("\n## ")[0]
SPANS, EVENTS = SECTION.split("| event | on | says |")


def named_in(table: str) -> set[str]:
    """The names in the first column of a table."""
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {name for cell in rows for name in re.findall(r"`(.+?)`", cell)}


@pytest.mark.parametrize(
    ("call", "listed"),
    [
        (r'(?:start_as_current_span\(\s*|@Trace\(name=)"(.+?)"', named_in(SPANS)),
        (r'add_event\(\s*"(.+?)"', named_in(EVENTS) - {"exception"}),
    ],
    ids=["spans", "events"],
)
def test_what_services_record_by_hand_is_documented(call: str, listed: set[str]) -> None:
    recorded = set(re.findall(call, CODE))
    undocumented, gone = recorded - listed, listed - recorded
    assert not undocumented, f"docs/telemetry.md, Spans made by hand, has no row for {undocumented}"
    assert not gone, f"docs/telemetry.md, Spans made by hand, has rows for {gone}, which are gone"
