"""The Python in the docs runs."""

import re
from contextvars import copy_context

from chaos.engine.effect import BEHAVIORS
from chaos.engine.reader import TYPES, read_faults
from chaos.engine.seen import BEHAVES, SEEN
from scripts.tables import ROOT

YAML = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_tracing_by_hand_works_as_written() -> None:
    blocks = BLOCK.findall((ROOT / "docs/manual-tracing.md").read_text())
    scope: dict[str, object] = {"__name__": "manual_tracing"}

    assert len(blocks) > 5
    context = copy_context()  # what a block attaches stays for the next, and ends with them
    for block in blocks:
        context.run(exec, block, scope)


def test_the_faults_of_the_docs_can_be_read() -> None:
    blocks = YAML.findall((ROOT / "docs/faults.md").read_text())

    assert [len(read_faults(written)) for written in blocks] == [4, 1]


def test_every_effect_says_what_one_sees_of_it() -> None:
    assert SEEN.keys() == TYPES.keys()
    assert BEHAVES.keys() == set(BEHAVIORS)
