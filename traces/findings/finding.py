"""One thing worth knowing of a trace."""

from dataclasses import dataclass

from traces.findings.meanings import MEANINGS, Meaning
from traces.model import Span


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind` is a word for programs and a key of MEANINGS, `span` is where to look first, `others`
    are the other spans that it is about.
    """

    kind: str
    sentence: str
    span: Span
    others: tuple[Span, ...] = ()

    @property
    def spans(self) -> tuple[Span, ...]:
        """All spans that it is about, each once."""
        return tuple({span.span_id: span for span in (self.span, *self.others)}.values())

    @property
    def meaning(self) -> Meaning:
        return MEANINGS[self.kind]
