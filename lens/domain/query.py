"""What a search asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lens.domain.conditions import Condition, as_jaeger_means
from lens.domain.pattern import ANYTHING, Chain, Pattern


@dataclass(frozen=True, slots=True)
class Operation:
    """A span name a service uses, with the kind (the word of a Kind) it uses it for."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Query:
    """What to search for; None or an empty value means any.

    Service, operation, durations, all `tags` (equal, as text) and all `conditions` must match on
    one and the same span, as in Jaeger; `errors_only` keeps traces with a failed span; `pattern`
    has what a search in words asks for beside that; newest first, at most `limit`.
    """

    service: str | None = None
    operation: str | None = None
    start_ns: int | None = None
    end_ns: int | None = None
    min_duration_ns: int | None = None
    max_duration_ns: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    errors_only: bool = False
    pattern: Pattern = ANYTHING
    limit: int = 100

    @property
    def all_conditions(self) -> tuple[Condition, ...]:
        """What one span must have."""
        shortest, longest = self.min_duration_ns, self.max_duration_ns
        fields = (
            Condition("service", "=", self.service or ""),
            Condition("name", "=", self.operation or ""),
            Condition("duration", ">=", f"{shortest}ns" if shortest else ""),
            Condition("duration", "<=", f"{longest}ns" if longest else ""),
        )
        tags = (Condition(as_jaeger_means(key), "=", value) for key, value in self.tags.items())
        return (*(one for one in fields if one.value), *tags, *self.conditions)

    @property
    def several(self) -> tuple[Chain, ...]:
        """The chains of spans of which one must be below another."""
        return tuple(chain for chain in self.pattern.chains if len(chain) > 1)
