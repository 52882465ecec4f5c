"""What is known beside a trace, and says something of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from traces.model import Span
from traces.usual import Usual


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`services` are those that send spans, `linked` the spans of other traces that links of this
    one lead to, by trace and span id; `usual` is how traces of the same kind are.
    """

    services: frozenset[str] = frozenset()
    linked: Mapping[tuple[str, str], Span] = field(default_factory=dict)
    usual: Usual | None = None


ALONE = Surroundings()
