"""The Python in the docs runs."""

import re

from scripts.tables import ROOT

BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_tracing_by_hand_works_as_written() -> None:
    blocks = BLOCK.findall((ROOT / "docs/manual-tracing.md").read_text())
    scope: dict[str, object] = {"__name__": "manual_tracing"}

    assert len(blocks) > 5
    for block in blocks:
        exec(block, scope)  # noqa: S102  # our own docs
