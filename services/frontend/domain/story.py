"""The trace of a click, out of the story that lens tells of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

CALLS = {"client", "producer"}
ENTRIES = {"server", "consumer"}


@dataclass(frozen=True)
class Span:
    """One piece of work; `start` and `end` in nanoseconds. `status` is of HTTP, 0 when there is
    none; `peer` is the service, `store` the database or stream that was called.
    """

    id: str
    parent: str | None
    service: str
    name: str
    kind: str
    start: int
    end: int
    failed: bool = False
    status: int = 0
    peer: str = ""
    store: str = ""
    error: str = ""
    fault: str = ""

    @property
    def took(self) -> int:
        return max(0, self.end - self.start)


@dataclass(frozen=True)
class Story:
    """Spans in order of their start, and the ids of those where an error began."""

    spans: tuple[Span, ...]
    causes: tuple[str, ...] = ()

    @cached_property
    def by_id(self) -> Mapping[str, Span]:
        return {span.id: span for span in self.spans}

    @cached_property
    def children(self) -> Mapping[str, list[Span]]:
        """The spans below each span, by its id."""
        below: dict[str, list[Span]] = {}
        for span in self.spans:
            if span.parent is not None:
                below.setdefault(span.parent, []).append(span)
        return below

    @cached_property
    def root(self) -> Span | None:
        return next((span for span in self.spans if span.parent is None), None)

    @property
    def services(self) -> tuple[str, ...]:
        """In the order in which the click touched them."""
        return tuple(dict.fromkeys(span.service for span in self.spans))

    @cached_property
    def origins(self) -> tuple[Span, ...]:
        """The failed spans below which nothing failed. A refusal (4xx) is an error to who calls and
        none to who answers, so that lens names each call on its way up: the deepest one counts.
        """
        causes = [self.by_id[id_] for id_ in self.causes if id_ in self.by_id]
        passed_on = {above.id for cause in causes for above in self.above(cause)}
        return tuple(cause for cause in causes if cause.id not in passed_on) or tuple(causes[:1])

    @cached_property
    def began(self) -> frozenset[str]:
        """Where errors began, as a reader sees it: a refusal began at the one who refused."""
        return frozenset((self.answers(cause) or cause).id for cause in self.origins)

    def above(self, span: Span) -> Iterator[Span]:
        """The spans that waited for this one, nearest first."""
        seen = {span.id}
        parent = self.by_id.get(span.parent or "")
        while parent is not None and parent.id not in seen:
            seen.add(parent.id)
            yield parent
            parent = self.by_id.get(parent.parent or "")

    def answers(self, call: Span) -> Span | None:
        """What the called service itself told of a call; None when it told nothing."""
        below = self.children.get(call.id, ())
        return next((span for span in below if span.kind in ENTRIES), None)


def story_of(told: Mapping[str, Any]) -> Story:
    """Out of the JSON of lens."""
    spans = sorted((span_of(span) for span in told["spans"]), key=lambda span: span.start)
    return Story(tuple(spans), tuple(map(str, told["rootCauses"])))


def span_of(told: Mapping[str, Any]) -> Span:
    known: Mapping[str, Any] = told["attributes"]
    return Span(
        id=str(told["spanId"]),
        parent=told["parentSpanId"],
        service=str(told["service"]),
        name=str(told["name"]),
        kind=str(told["kind"]),
        start=int(told["startTimeUnixNano"]),
        end=int(told["endTimeUnixNano"]),
        failed=told["status"] == "error",
        status=int(known.get("http.response.status_code") or 0),
        peer=str(known.get("service.peer.name") or ""),
        store=str(known.get("db.system.name") or known.get("messaging.system") or ""),
        error=str(known.get("error.type") or ""),
        fault=str(known.get("acmeshop.fault.id") or ""),
    )


def complete(story: Story, outside: frozenset[str]) -> bool:
    """Whether all has arrived: the root, every parent, and the answer to every call that was
    answered, other than those of systems `outside`, which send no spans.
    """
    parents = {span.parent for span in story.spans} - {None}
    if story.root is None or not parents <= set(story.by_id):
        return False
    return all(
        span.peer in outside or story.answers(span) is not None
        for span in story.spans
        if span.kind == "client" and span.peer and span.status
    )
