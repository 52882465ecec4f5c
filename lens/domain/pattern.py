"""What a search in words asks for: spans, one by one or one below another, and the whole trace."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lens.domain.conditions import Condition, holds
from traces.model import Span, Trace


@dataclass(frozen=True, slots=True)
class Step:
    """One span with all `conditions`. `relation` says where it is: `>>` anywhere below the span of
    the step before, `>` its child; empty for the first of a chain.
    """

    conditions: tuple[Condition, ...]
    relation: str = ""

    @property
    def words(self) -> str:
        """What it asks for, for a person to read."""
        parts = ", and ".join(condition.words for condition in self.conditions)
        return f"one span of which {parts}" if parts else "any span"


Chain = tuple[Step, ...]
RELATIONS = {">>": "below it", ">": "as its child"}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A trace with each of the `chains` in it, and all conditions `of_trace`."""

    chains: tuple[Chain, ...] = ()
    of_trace: tuple[Condition, ...] = ()

    @property
    def words(self) -> str:
        """What it asks for, for a person to read; empty if for nothing."""
        parts = [words_of(chain) for chain in self.chains]
        parts += [condition.words for condition in self.of_trace]
        return "; ".join(parts)


ANYTHING = Pattern()


def words_of(chain: Chain) -> str:
    first, *others = chain
    below = (f", and {RELATIONS[step.relation]} {step.words}" for step in others)
    return first.words + "".join(below)


def is_in(trace: Trace, chain: Chain) -> bool:
    """Whether the trace has spans as the chain asks for, each below the one before."""
    found: Sequence[Span] = trace.spans
    for step in chain:
        places = reached(trace, found, step.relation) if step.relation else found
        found = [span for span in places if holds(span, step.conditions)]
    return bool(found)


def reached(trace: Trace, tops: Iterable[Span], relation: str) -> Sequence[Span]:
    """The children of these spans or, for `>>`, all spans below them, each once."""
    found: dict[str, Span] = {}
    waiting = list(tops)
    while waiting:
        for child in trace.children_of(waiting.pop()):
            if child.span_id not in found:
                found[child.span_id] = child
                if relation == ">>":
                    waiting.append(child)
    return list(found.values())
