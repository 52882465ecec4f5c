"""The Python in the docs runs."""

import re
import subprocess
import sys
from contextvars import copy_context

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from chaos.engine.effect import BEHAVIORS
from chaos.engine.reader import TYPES, read_faults
from chaos.engine.seen import BEHAVES, SEEN
from scripts.tables import ROOT
from tests.e2e.sink import sink

YAML = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("page", "least"), [("manual-tracing", 6), ("baggage", 1)])
def test_what_is_written_by_hand_works_as_written(page: str, least: int) -> None:
    blocks = BLOCK.findall((ROOT / f"docs/{page}.md").read_text())
    scope: dict[str, object] = {"__name__": page.replace("-", "_")}

    assert len(blocks) >= least
    context = copy_context()  # what a block attaches stays for the next, and ends with them
    for block in blocks:
        context.run(exec, block, scope)


def steps_and_excerpts() -> tuple[list[str], list[str]]:
    blocks = BLOCK.findall((ROOT / "docs/instrumenting.md").read_text())
    excerpts = [block for block in blocks if block.startswith("# ")]
    return [block for block in blocks if block not in excerpts], excerpts


def test_the_steps_of_instrumenting_a_service_work_as_written() -> None:
    """In a process of their own, as they set what a process has once."""
    steps, _ = steps_and_excerpts()
    assert len(steps) == 8

    with sink() as taking:
        program = f'ENDPOINT = "{taking.url}/v1/traces"\n' + "\n".join(steps)
        subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=60)

    (path, body), *_ = taking.bodies
    assert path == "/v1/traces"
    (sent,) = ExportTraceServiceRequest.FromString(body).resource_spans
    assert [span.name for span in sent.scope_spans[0].spans] == ["GET /cards/{name}"]


@pytest.mark.parametrize("excerpt", steps_and_excerpts()[1])
def test_the_walk_through_orders_quotes_the_code_as_it_is(excerpt: str) -> None:
    file, _, code = excerpt.partition("\n")
    lines = [line.strip() for line in (ROOT / file.removeprefix("# ")).read_text().splitlines()]
    quoted = [line.strip() for line in code.splitlines()]
    assert any(lines[at : at + len(quoted)] == quoted for at in range(len(lines)))


def test_the_faults_of_the_docs_can_be_read() -> None:
    blocks = YAML.findall((ROOT / "docs/faults.md").read_text())

    assert [len(read_faults(written)) for written in blocks] == [4, 1]


def test_every_effect_says_what_one_sees_of_it() -> None:
    assert SEEN.keys() == TYPES.keys()
    assert BEHAVES.keys() == set(BEHAVIORS)
