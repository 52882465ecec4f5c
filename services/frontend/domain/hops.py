"""Which spans of a click have a row of their own: the hops from service to service.

A call and the work it caused are one hop; what a service asks of its store belongs to its hop; many
equal calls that lead no further are one hop together.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.frontend.domain.story import CALLS, Span, Story

MANY = 3


@dataclass(frozen=True)
class Hop:
    """Equal pieces of work below one and the same hop, and how deep that is."""

    spans: tuple[Span, ...]
    depth: int


def hops(story: Story, spans: Sequence[Span], depth: int) -> Iterator[Hop]:
    shown = [span for top in spans for span in entries(story, top)]
    leaves = Counter(key(span) for span in shown if not below(story, span))
    told: set[tuple[str, str, bool]] = set()
    for span in shown:
        inner = below(story, span)
        if inner or leaves[key(span)] < MANY:
            yield Hop((span,), depth)
            yield from hops(story, story.children.get(span.id, ()), depth + 1)
        elif key(span) not in told:
            told.add(key(span))
            yield Hop(tuple(s for s in shown if key(s) == key(span) and not below(story, s)), depth)


def key(span: Span) -> tuple[str, str, bool]:
    return span.service, span.name, span.failed


def entries(story: Story, span: Span) -> Iterator[Span]:
    """What has a row of its own at or below a span: the first of its kind on every way down."""
    if has_row(story, span):
        yield span
    else:
        for child in story.children.get(span.id, ()):
            yield from entries(story, child)


def has_row(story: Story, span: Span) -> bool:
    if span.id in story.began or span.kind not in {*CALLS, "internal"}:
        return True
    return span.kind == "client" and bool(span.peer) and story.answers(span) is None


def below(story: Story, span: Span) -> list[Span]:
    children = story.children.get(span.id, ())
    return [entry for child in children for entry in entries(story, child)]


def stores(story: Story, span: Span) -> str:
    """What the row's own service asked of its stores: `redis ×3`."""
    counted: Counter[str] = Counter()
    waiting = list(story.children.get(span.id, ()))
    while waiting:
        inner = waiting.pop()
        if inner.service != span.service:
            continue
        if inner.store:
            counted[inner.store] += 1
        waiting.extend(story.children.get(inner.id, ()))
    return ", ".join(f"{name} ×{times}" if times > 1 else name for name, times in counted.items())
