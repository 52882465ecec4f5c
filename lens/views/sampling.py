"""The sampling strategies as a page lists them: a row for each service that there is to know of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lens.domain.strategies import PROBABILISTIC, Strategies, Strategy
from traces.units import digits

DEFAULT = ""  # what the form calls the strategy of all others
TYPES = {"probabilistic": "a share of the traces", "ratelimiting": "traces per second"}


@dataclass(frozen=True)
class Row:
    """One service, or all others where `service` is empty. `polled_ns` is when it last fetched its
    strategy, 0 for never.
    """

    service: str
    strategy: Strategy
    own: bool
    polled_ns: int

    @property
    def words(self) -> str:
        return in_words(self.strategy)

    @property
    def typed(self) -> str:
        """The number as one types it."""
        return f"{self.strategy.param:g}"


def rows(
    strategies: Strategies, known: Iterable[str], polled: Mapping[str, int]
) -> tuple[Row, ...]:
    """That of all others first, then every service that has a strategy, polled for one, or sends
    spans.
    """
    own = strategies.services
    names = sorted({*known, *polled, *own})
    default = Row(DEFAULT, strategies.default_strategy, own=True, polled_ns=0)
    services = (
        Row(name, strategies.of(name), own=name in own, polled_ns=polled.get(name, 0))
        for name in names
    )
    return (default, *services)


def in_words(strategy: Strategy) -> str:
    if strategy.type != PROBABILISTIC:
        return f"{strategy.param:,.0f} traces per second" if strategy.param else "no trace"
    if strategy.param in (0, 1):
        return "every trace" if strategy.param else "no trace"
    return f"{digits(strategy.param * 100)} % of the traces"
