"""One thing worth knowing of a trace."""

from dataclasses import dataclass

from traces.model import Span


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind` is a word for programs, `span` is where to look."""

    kind: str
    sentence: str
    span: Span
