"""The findings of a trace as its page has them: with spans, why it matters, what to try."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lens.domain.hints import Hints
from traces.findings import Finding
from traces.model import Span
from traces.units import plural, shortened
from traces.verdict import text

SIGNS = {"problem": "✖", "notice": "!", "fact": "·"}
MOST_LINKS = 4
FRAME = re.compile(r'^\s*File "([^"]+)", line (\d+), in (\S+)', re.MULTILINE)
LIBRARIES = ("site-packages", "dist-packages", "/lib/python", "<frozen")


@dataclass(frozen=True, slots=True)
class SpanLink:
    """A span of a finding: what the link is called, and the number of its row."""

    span_id: str
    label: str
    row: int


@dataclass(frozen=True, slots=True)
class Explained:
    """One finding, as its page shows it. `code` is where the program did that, `attempt` what one
    can try; both may be empty.
    """

    kind: str
    weight: str
    sign: str
    title: str
    sentence: str
    links: tuple[SpanLink, ...]
    more: str
    why: str
    code: str
    attempt: str


def explained(
    found: Sequence[Finding], row_of: Mapping[str, int], hints: Hints
) -> tuple[Explained, ...]:
    return tuple(explanation(one, row_of, hints) for one in found)


def explanation(finding: Finding, row_of: Mapping[str, int], hints: Hints) -> Explained:
    meaning, spans = finding.meaning, finding.spans
    left_out = len(spans) - MOST_LINKS
    return Explained(
        kind=finding.kind,
        weight=meaning.weight,
        sign=SIGNS[meaning.weight],
        title=meaning.title,
        sentence=finding.sentence,
        links=tuple(link(span, row_of) for span in spans[:MOST_LINKS]),
        more=f"and {plural(left_out, 'more span')}" if left_out > 0 else "",
        why=meaning.why,
        code=where(finding.span, hints),
        attempt=hints.attempt(finding),
    )


def link(span: Span, row_of: Mapping[str, int]) -> SpanLink:
    name = f"{shortened(span.service, 40)}: {shortened(span.name, 60)}"
    return SpanLink(span.span_id, name, row_of[span.span_id])


def where(span: Span, hints: Hints) -> str:
    """Where in the code a span was made: by its own attributes, the stack of an exception, or what
    was said of its service when lens was started.
    """
    file = text(span.attributes.get("code.file.path") or span.attributes.get("code.filepath"))
    if file:
        line = text(span.attributes.get("code.line.number") or span.attributes.get("code.lineno"))
        return f"{file}:{line}" if line else file
    if function := text(span.attributes.get("code.function.name")):
        return function
    return raised_in(span) or hints.code(span)


def raised_in(span: Span) -> str:
    """The last frame of a Python stack that is no library's: `routes.py:21 in check_token`."""
    for event in reversed(span.events):
        frames = FRAME.findall(text(event.attributes.get("exception.stacktrace")))
        own = [one for one in frames if not any(part in one[0] for part in LIBRARIES)]
        if own:
            file, number, function = own[-1]
            return f"{file}:{number} in {function}"
    return ""
