"""A moment at which a fault may strike, with all that a fault may ask of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from opentelemetry import baggage, trace

from chaos.engine.effect import ON_SIDE
from chaos.engine.values import Part, Side
from chaos.engine.where import Match
from shared.session import SESSION, USER


def no_header(_name: str) -> str | None:
    return None


@dataclass(frozen=True)
class Occasion:
    """`place` is what the span is named there: "GET /auth", "INSERT orders", "send order.placed".

    `header` finds a request's header, `values` are known beside the attributes of the current
    span, and `hop` and `attempt` say which call of the request in hand it is.
    """

    side: Side
    place: str
    peer: str = ""
    header: Callable[[str], str | None] = no_header
    values: Mapping[str, Any] = field(default_factory=dict)
    hop: str = ""
    attempt: int = 0
    not_here: frozenset[type[Part]] = frozenset()

    def can(self, effect: Part) -> bool:
        kind = type(effect)
        return kind in ON_SIDE[self.side] and kind not in self.not_here

    def attribute(self, name: str) -> Any:
        """The value with that name; None when nobody has said it yet."""
        if name in self.values:
            return self.values[name]
        attributes = getattr(trace.get_current_span(), "attributes", None) or {}
        return attributes.get(name)

    def is_of(self, wanted: Match) -> bool:
        """Whether it is one of those that are meant."""
        return (
            wanted.session in (None, baggage.get_baggage(SESSION))
            and wanted.user in (None, baggage.get_baggage(USER))
            and all(self.header(name) == value for name, value in wanted.header.items())
            and all(baggage.get_baggage(name) == value for name, value in wanted.baggage.items())
            and all(same(self.attribute(name), v) for name, v in wanted.attribute.items())
        )


def same(found: object, wanted: object) -> bool:
    """Whether they are written alike: a path has texts where a description has numbers."""
    return found is not None and str(found) == str(wanted)
