"""What the faults did: the truth, also where the spans must not tell it."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from opentelemetry.trace import format_span_id, format_trace_id, get_current_span

from chaos.engine.journey import Journey
from chaos.engine.model import Fault
from chaos.engine.occasion import Occasion

MOST = 10_000


@dataclass(frozen=True)
class Hit:
    """One fault struck, or, where it did not fire, could have: which and where, in whose request,
    and in which span. Ids are as in W3C headers, empty where nothing is traced; `delay` is in
    seconds, `at` in those of Unix. What is not drawn has no `draw` and no `rate`.
    """

    fault: str
    type: str
    place: str
    revision: int
    trace_id: str
    span_id: str
    session: str = ""
    step: str = ""
    hop: str = ""
    attempt: int = 0
    delay: float = 0.0
    fired: bool = True
    draw: float | None = None
    rate: float | None = None
    at: float = 0.0


def hit_of(
    fault: Fault, occasion: Occasion, whose: Journey | None, revision: int, **outcome: Any
) -> Hit:
    """What became of this fault on that occasion, in the current span."""
    span = get_current_span().get_span_context()
    return Hit(
        fault.id,
        fault.effect.type,
        occasion.place,
        revision,
        format_trace_id(span.trace_id) if span.is_valid else "",
        format_span_id(span.span_id) if span.is_valid else "",
        whose.session if whose else "",
        whose.step if whose else "",
        occasion.hop,
        occasion.attempt,
        **outcome,
    )


class Ledger:
    """The last hits, `most` of them, and with them, for who has a session, what could have been
    one; `number` counts all there ever were.
    """

    def __init__(self, most: int = MOST) -> None:
        self._hits: deque[Hit] = deque(maxlen=most)
        self.number = 0

    def note(self, hit: Hit) -> None:
        self._hits.append(hit)
        self.number += 1

    def after(self, number: int = 0) -> list[Hit]:
        """The hits since there were `number`, as far as they are still known."""
        fresh = self.number - number
        return list(self._hits)[-fresh:] if fresh > 0 else []

    def __iter__(self) -> Iterator[Hit]:
        return iter(tuple(self._hits))

    def __len__(self) -> int:
        return len(self._hits)
