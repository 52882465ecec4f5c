"""Words for what happened: who failed and how, how long it took, how many there were."""

from collections.abc import Sequence
from itertools import pairwise

from services.frontend.domain.story import CALLS, Span, Story

MANY = 6
NAMED = {"gateway", "carrier", "bank", "frontend"}


def who(story: Story, cause: Span) -> str:
    """Whose failure it was: `auth`, `payment's bank`, `cart's redis`."""
    if cause.kind not in CALLS or not (cause.peer or cause.store):
        return named(cause.service)
    callee = cause.peer or cause.store
    if story.answers(cause) is not None or (cause.peer and not cause.status):
        return named(callee)
    return f"{cause.service}'s {callee}"


def how(span: Span) -> str:
    if span.status:
        return f"answered {span.status} after {took(span.took)}"
    if span.error == "timeout":
        return f"did not answer within {took(span.took)}"
    if span.error == "breaker_open":
        return "was not asked, since it kept failing"
    if span.peer:
        return "could not be reached"
    return f"failed after {took(span.took)}" + (f" ({span.error})" if span.error else "")


def gave_up(story: Story, cause: Span) -> str:
    """Who was left without an answer by a service that failed by itself."""
    if cause.kind in CALLS:
        return ""
    callers = (span.service for span in story.above(cause) if span.service != cause.service)
    caller = next(callers, "")
    return f", so {named(caller)} gave up" if caller else ""


def others(causes: Sequence[Span]) -> str:
    """What else failed: the same again, or something different."""
    first = (causes[0].service, causes[0].name)
    same = sum((cause.service, cause.name) == first for cause in causes[1:])
    more = len(causes) - 1 - same
    again = f" ({same + 1} times)" if same else ""
    return again + (f", and {plural(more, 'other call')} failed as well" if more else "")


def one_by_one(story: Story) -> str:
    """Whether somebody asked the same again and again, each time after the answer: an N+1."""
    calls: dict[tuple[str | None, str], list[Span]] = {}
    for span in story.spans:
        if span.kind == "client" and span.peer:
            calls.setdefault((span.parent, span.name), []).append(span)
    for asked in calls.values():
        if len(asked) >= MANY and all(a.end <= b.start for a, b in pairwise(asked)):
            caller, callee = asked[0].service, named(asked[0].peer)
            return f"{caller} asked {callee} {len(asked)} times, one after the other: an N+1."
    return ""


def named(service: str) -> str:
    return f"the {service}" if service in NAMED else service


def took(ns: int) -> str:
    """`0.4 ms`, `38 ms`, `1.2 s`."""
    ms = ns / 1_000_000
    if ms < 9.95:
        return f"{ms:.1f}".rstrip("0").rstrip(".") + " ms"
    return f"{ms:.0f} ms" if ms < 999.5 else f"{ms / 1000:.1f} s"


def plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
