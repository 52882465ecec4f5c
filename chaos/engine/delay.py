"""How long a fault delays: one draw, put through the inverse of a distribution."""

from collections.abc import Callable
from statistics import NormalDist
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from chaos.engine.values import Milliseconds, Part

LEAST, MOST = 1e-12, 1 - 1e-12
NORMAL = NormalDist()
NINETY_NINTH = NORMAL.inv_cdf(0.99)


class Latency(Part):
    """A delay of `ms` milliseconds, before the work or `after` it, never longer than `cap_ms`.

    `dist` says what `ms` is: the delay itself (fixed), its middle, from which it strays by up to
    `jitter_ms` (uniform) or with that standard deviation (normal), its median, with `p99_ms` as
    the 99th percentile (lognormal), or its minimum, with the tail's `alpha` (pareto).
    """

    type: Literal["latency"] = "latency"
    dist: Literal["fixed", "uniform", "normal", "lognormal", "pareto"] = "fixed"
    ms: Milliseconds
    jitter_ms: Milliseconds = 0
    p99_ms: Milliseconds | None = None
    alpha: Annotated[float, Field(ge=0.1, le=100)] = 2.0
    cap_ms: Milliseconds = 60_000
    position: Literal["before", "after"] = "before"

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.dist == "lognormal" and not 0 < self.ms < (self.p99_ms or 0):
            raise ValueError("a lognormal delay needs an ms over 0 and a p99_ms over its ms")
        return self

    def seconds(self, share: float) -> float:
        """The delay that the draw `share`, from 0 to 1, stands for; a greater draw waits longer."""
        u = min(max(share, LEAST), MOST)
        return min(max(INVERSES[self.dist](self, u), 0.0), self.cap_ms) / 1000


def lognormal(given: Latency, u: float) -> float:
    assert given.p99_ms is not None
    return float(given.ms * (given.p99_ms / given.ms) ** (NORMAL.inv_cdf(u) / NINETY_NINTH))


INVERSES: dict[str, Callable[[Latency, float], float]] = {
    "fixed": lambda given, _: given.ms,
    "uniform": lambda given, u: given.ms + given.jitter_ms * (2 * u - 1),
    "normal": lambda given, u: given.ms + given.jitter_ms * NORMAL.inv_cdf(u),
    "lognormal": lognormal,
    "pareto": lambda given, u: float(given.ms / (1 - u) ** (1 / given.alpha)),
}
