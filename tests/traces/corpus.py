"""The stored traces, as OTLP JSON in tests/data/traces."""

import json
from pathlib import Path

from traces.formats.otlp_json import spans_of
from traces.model import Trace

FOLDER = Path(__file__).parents[1] / "data" / "traces"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def document(name: str) -> bytes:
    return (FOLDER / f"{name}.json").read_bytes()


def stored(name: str) -> Trace:
    spans = list(spans_of(json.loads(document(name))))
    return Trace.of(spans[0].trace_id, spans)
