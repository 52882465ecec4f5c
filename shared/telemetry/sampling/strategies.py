"""From a sampling strategy in Jaeger's JSON to a rule."""

import time
from collections.abc import Mapping
from typing import Any

from shared.telemetry.sampling.rate_limiting import Clock, RateLimiting, TokenBucket
from shared.telemetry.sampling.rule import Probabilistic, Rule, Verdict, among

MOST_OPERATIONS = 2_000


class PerOperation(Rule):
    """A probability for each operation, another for those not listed, and for all of them a few
    traces now and then, so that what is rare is not lost: `lower` per second, at least.
    """

    needs_name = True

    def __init__(
        self,
        rates: Mapping[str, float],
        default: float,
        lower: float,
        clock: Clock = time.monotonic,
    ) -> None:
        self._rates, self._default, self._lower, self._clock = rates, default, lower, clock
        self._buckets: dict[str, TokenBucket] = {}

    def decide(self, trace_id: int, name: str) -> Verdict:
        rate = self._rates.get(name, self._default)
        owed = self._owed(name)  # in any case: a trace that is sampled by chance counts as well
        if among(rate, trace_id):
            return Verdict(True, "probabilistic", rate)
        return Verdict(owed, "lowerbound", rate)

    def _owed(self, name: str) -> bool:
        bucket = self._buckets.get(name)
        if bucket is None:
            if len(self._buckets) >= MOST_OPERATIONS:
                return False
            bucket = self._buckets.setdefault(name, TokenBucket(self._lower, self._clock))
        return bucket.take()


def rule_of(answer: Any, clock: Clock = time.monotonic) -> Rule:
    """The rule in the JSON of a strategy, as `/sampling` answers it; raises when it is none."""
    if operations := answer.get("operationSampling"):
        return PerOperation(
            {
                one["operation"]: rate_of(one)
                for one in operations.get("perOperationStrategies", ())
            },
            probability(operations.get("defaultSamplingProbability", 0)),
            throughput(operations.get("defaultLowerBoundTracesPerSecond", 0)),
            clock,
        )
    if answer.get("strategyType") in ("RATE_LIMITING", 1):
        return RateLimiting(throughput(answer["rateLimitingSampling"]["maxTracesPerSecond"]), clock)
    return Probabilistic(rate_of(answer))


def rate_of(strategy: Any) -> float:
    # Protobuf's JSON leaves out what is zero.
    return probability(strategy["probabilisticSampling"].get("samplingRate", 0))


def probability(value: Any) -> float:
    if not 0 <= float(value) <= 1:
        raise ValueError(f"a probability of {value}")
    return float(value)


def throughput(value: Any) -> float:
    if not 0 <= float(value) < float("inf"):
        raise ValueError(f"{value} traces per second")
    return float(value)
