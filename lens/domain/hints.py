"""What whoever starts lens says of the programs whose traces it shows: their code, what to try.

lens runs beside any program, so this is data, a file in JSON:

    {"code": [{"service": "catalog", "kind": "server", "file": "services/catalog/routes.py"}],
     "try": {"n_plus_one": "`acme scenario run thousand-spans` has one"}}

A row of `code` is for the spans of which all that it names is so: `service`, `kind`, `name`, or
`peer`, which is whom the span called; the first row counts. `try` has a text for kinds of findings.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from traces.findings import MEANINGS, Finding
from traces.model import Span
from traces.semconv import peer_of

KEYS = {"service", "kind", "name", "peer", "file"}


class BadHints(ValueError):
    """Hints that cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Hints:
    rows: Sequence[Mapping[str, str]] = ()
    attempts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, content: str) -> "Hints":
        """Raises BadHints."""
        try:
            found = json.loads(content)
        except ValueError as error:
            raise BadHints(f"it is no JSON: {error}") from None
        if not isinstance(found, dict) or found.keys() - {"code", "try"}:
            raise BadHints("it is no object with the keys code and try")
        rows, attempts = found.get("code", []), found.get("try", {})
        for row in rows:
            if not isinstance(row, dict) or "file" not in row or row.keys() - KEYS:
                raise BadHints(f"{row} is no row of code: its keys are {', '.join(sorted(KEYS))}")
        if unknown := attempts.keys() - MEANINGS.keys():
            raise BadHints(f"there is no finding {', '.join(sorted(unknown))}")
        return cls(rows, attempts)

    def code(self, span: Span) -> str:
        """The file in which such a span is made; empty if that is not known."""
        own = {
            "service": span.service,
            "kind": span.kind.word,
            "name": span.name,
            "peer": peer_of(span),
        }
        fitting = (
            row["file"]
            for row in self.rows
            if all(row.get(key, value) == value for key, value in own.items())
        )
        return next(fitting, "")

    def attempt(self, finding: Finding) -> str:
        return self.attempts.get(finding.kind, "")
