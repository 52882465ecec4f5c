"""The stored traces, as OTLP JSON in tests/data/traces."""

import json
from dataclasses import replace
from pathlib import Path

from traces.formats.otlp_json import spans_of
from traces.model import Trace
from traces.same_id import traces_of

FOLDER = Path(__file__).parents[1] / "data" / "traces"
READ_NS = 1_795_910_400_000_000_000  # a day on which all of them were old
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def document(name: str) -> bytes:
    return (FOLDER / f"{name}.json").read_bytes()


def stored(name: str) -> Trace:
    spans = list(spans_of(json.loads(document(name))))
    [trace] = traces_of(spans)
    return replace(trace, read_ns=READ_NS)
