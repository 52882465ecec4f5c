"""What a fault does when it fires. Each has its cap, and the sides on which it can happen."""

from collections.abc import Callable
from statistics import NormalDist
from typing import Annotated, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from chaos.engine.values import Milliseconds, Part, Seconds, Side, documented, in_seconds

Bug = Literal[
    "n_plus_one",
    "no_idempotency",
    "naive_retries",
    "no_timeout",
    "single_connection",
    "no_single_flight",
]
Mitigation = Literal["fallback", "retries"]
BehaviorName = Bug | Mitigation
BEHAVIORS: tuple[BehaviorName, ...] = (*get_args(Bug), *get_args(Mitigation))
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


class Error(Part):
    """Answers with `status`, and with Retry-After, if given."""

    type: Literal["error"] = "error"
    status: Annotated[int, Field(ge=400, le=599)] = 503
    retry_after: Seconds | None = None


class Raise(Part):
    """Raises one of Python's exceptions, as a mistake in the code would."""

    type: Literal["exception"] = "exception"
    name: Literal[
        "AttributeError",
        "ConnectionError",
        "IndexError",
        "KeyError",
        "RuntimeError",
        "TimeoutError",
        "TypeError",
        "ValueError",
        "ZeroDivisionError",
    ] = "RuntimeError"
    message: Annotated[str, Field(max_length=200)] = ""


class Hang(Part):
    """Does nothing for `max_s`, then gives up; goes on at once when the fault ends."""

    type: Literal["hang"] = "hang"
    max_s: Annotated[
        float,
        BeforeValidator(in_seconds),
        Field(gt=0, le=120),
        documented(120, exclusiveMinimum=0),
    ] = 30


class ConnectError(Part):
    """Nobody is there: it is refused, the name is unknown, or connecting takes too long."""

    type: Literal["connect_error"] = "connect_error"
    kind: Literal["refused", "dns", "timeout"] = "refused"


class Reset(Part):
    """The connection is reset, before the work or after it: then it was done, and nobody knows."""

    type: Literal["reset"] = "reset"
    position: Literal["before", "after"] = "before"


class Truncate(Part):
    """The connection ends when the share `keep` of the body was sent."""

    type: Literal["truncate"] = "truncate"
    keep: Annotated[float, Field(ge=0, lt=1)] = 0.5


class Drip(Part):
    """The body comes `chunk_bytes` at a time, with `interval_ms` between."""

    type: Literal["drip"] = "drip"
    chunk_bytes: Annotated[int, Field(ge=1)] = 16
    interval_ms: Milliseconds = 300


class RateLimit(Part):
    """Lets `per_second` requests pass, `burst` at once; the others get a 429 with Retry-After."""

    type: Literal["rate_limit"] = "rate_limit"
    per_second: Annotated[float, Field(gt=0, le=100_000)]
    burst: Annotated[int, Field(ge=1, le=100_000)] = 1
    retry_after: Seconds = 1


class DropContext(Part):
    """The call goes out without its trace context, as from an old library; `all`: and without its
    baggage.
    """

    type: Literal["drop_context"] = "drop_context"
    what: Literal["trace", "all"] = "trace"


class Cpu(Part):
    """Computes for so long and lets nothing else in the process run meanwhile."""

    type: Literal["cpu"] = "cpu"
    ms: Annotated[float, Field(gt=0, le=2000)]


class Leak(Part):
    """Keeps `kib` more of memory each time, up to `cap_mib`, until the fault ends."""

    type: Literal["leak"] = "leak"
    kib: Annotated[int, Field(ge=1, le=65_536)]
    cap_mib: Annotated[int, Field(ge=1, le=256)] = 256


class Crash(Part):
    """The process ends at once, with all that it was doing and every span not yet sent."""

    type: Literal["crash"] = "crash"
    exit_code: Annotated[int, Field(ge=1, le=255)] = 1


class Unready(Part):
    """`/readyz` answers 503 for as long as the fault is there; requests are served."""

    type: Literal["unready"] = "unready"


class Duplicate(Part):
    """The message is sent, or handled, twice."""

    type: Literal["duplicate"] = "duplicate"


class Drop(Part):
    """The message is lost, though its sender got no error."""

    type: Literal["drop"] = "drop"


class Poison(Part):
    """The message's body is no JSON any more, however often it is tried."""

    type: Literal["poison"] = "poison"


class Pool(Part):
    """At most `size` operations or calls at once; the others wait until it is their turn."""

    type: Literal["pool"] = "pool"
    size: Annotated[int, Field(ge=1, le=100)] = 1


class Behavior(Part):
    """The code goes another way, called `name`: a bug that it does not have, or a mitigation."""

    type: Literal["behavior"] = "behavior"
    name: BehaviorName


Effect = Annotated[
    Error
    | Raise
    | Latency
    | Hang
    | ConnectError
    | Reset
    | Truncate
    | Drip
    | RateLimit
    | DropContext
    | Cpu
    | Leak
    | Crash
    | Unready
    | Duplicate
    | Drop
    | Poison
    | Pool
    | Behavior,
    Field(discriminator="type"),
]

ON_SIDE: dict[Side, frozenset[type[Part]]] = {
    "server": frozenset(
        {Error, Raise, Latency, Hang, Reset, Truncate, Drip, RateLimit, Cpu, Leak, Crash, Unready}
    ),
    "client": frozenset({Error, Latency, Hang, ConnectError, Reset, RateLimit, DropContext, Pool}),
    "store": frozenset({Latency, Hang, ConnectError, Pool}),
    "stream": frozenset({Latency, ConnectError, Raise, Duplicate, Drop, Poison}),
    "point": frozenset({Raise, Latency, Hang, Cpu, Leak, Crash, Behavior}),
}
# Whatever ends the work; of several that are injected together, one does.
TERMINAL = (Error, Raise, Hang, ConnectError, Reset, RateLimit, Crash, Drop)
