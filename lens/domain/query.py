"""What a search asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lens.domain.conditions import Condition


@dataclass(frozen=True, slots=True)
class Operation:
    """A span name a service uses, with the kind (the word of a Kind) it uses it for."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Query:
    """What to search for; None or an empty value means any.

    Service, operation, durations, all `tags` (equal, as text) and all `conditions` must match on
    one and the same span, as in Jaeger; `errors_only` keeps traces with a failed span; newest
    first, at most `limit`.
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
    limit: int = 100

    @property
    def all_conditions(self) -> tuple[Condition, ...]:
        tags = (Condition(key, "=", value) for key, value in self.tags.items())
        return (*tags, *self.conditions)

    @property
    def wants_failed_span(self) -> bool:
        return Condition("error", "=", "true") in self.all_conditions
