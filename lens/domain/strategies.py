"""Sampling strategies: in the form of the file that Jaeger reads, and as its `/sampling` answers.

A strategy says which new traces a service records; who fetches it is a remote sampler.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

PROBABILISTIC: Literal["probabilistic"] = "probabilistic"
RATE_LIMITING: Literal["ratelimiting"] = "ratelimiting"
MOST_SERVICES, MOST_OPERATIONS = 500, 2_000
MOST_PER_SECOND = 2**31 - 1  # Jaeger's answer has 32 bits for it
# As Thrift numbers them, for the oldest of Jaeger's clients.
LEGACY = {"PROBABILISTIC": 0, "RATE_LIMITING": 1}

Name = Annotated[str, Field(min_length=1, max_length=200)]
Probability = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]


class Strict(BaseModel):
    """Refuses what it has no field for: a misspelt key would change nothing, and not say so."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OperationStrategy(Strict):
    """The probability for the traces that begin with this operation."""

    operation: Name
    type: Literal["probabilistic"] = PROBABILISTIC
    param: Probability


class Strategy(Strict):
    """A probability, or a whole number of traces per second; operations may have probabilities of
    their own.
    """

    type: Literal["probabilistic", "ratelimiting"]
    param: Annotated[float, Field(strict=True, ge=0, le=MOST_PER_SECOND, allow_inf_nan=False)]
    operation_strategies: Annotated[
        tuple[OperationStrategy, ...], Field(max_length=MOST_OPERATIONS)
    ] = ()

    @model_validator(mode="after")
    def makes_sense(self) -> "Strategy":
        if self.type == PROBABILISTIC and self.param > 1:
            percent = f"; {self.param / 100:g} is {self.param:g} %" if self.param <= 100 else ""
            raise ValueError(f"{self.param:g} is no probability from 0 to 1{percent}")
        if self.type == RATE_LIMITING and self.param % 1:
            raise ValueError(f"{self.param:g} is no whole number of traces per second")
        if self.type == RATE_LIMITING and self.operation_strategies:
            raise ValueError("operations have probabilities, beside which a rate limit has no say")
        names = [one.operation for one in self.operation_strategies]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"the operation {twice[0]} is there twice")
        return self

    @property
    def operations(self) -> Mapping[str, float]:
        return {one.operation: one.param for one in self.operation_strategies}

    def as_json(self) -> dict[str, Any]:
        """As it stands in the file, without what is empty."""
        found: dict[str, Any] = {"type": self.type, "param": short(self.param)}
        if self.operation_strategies:
            found["operation_strategies"] = [
                {"operation": one.operation, "type": one.type, "param": short(one.param)}
                for one in self.operation_strategies
            ]
        return found


class ServiceStrategy(Strategy):
    """The strategy of one service."""

    service: Name


EVERYTHING = Strategy(type=PROBABILISTIC, param=1)


class Strategies(Strict):
    """All of them, as in the file: one for each of some services, and one for all others."""

    default_strategy: Strategy = EVERYTHING
    service_strategies: Annotated[tuple[ServiceStrategy, ...], Field(max_length=MOST_SERVICES)] = ()

    @model_validator(mode="after")
    def makes_sense(self) -> "Strategies":
        names = [one.service for one in self.service_strategies]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"the service {twice[0]} is there twice")
        return self

    @property
    def services(self) -> Mapping[str, ServiceStrategy]:
        return {one.service: one for one in self.service_strategies}

    def of(self, service: str) -> Strategy:
        """The strategy of a service, or else the one for all others."""
        return self.services.get(service, self.default_strategy)

    def with_service(self, service: str, strategy: Strategy) -> "Strategies":
        """These with another strategy for a service. Raises ValueError when there are too many."""
        return self._with({**self.services, service: named(service, strategy)})

    def without(self, service: str) -> "Strategies":
        return self._with({k: one for k, one in self.services.items() if k != service})

    def with_default(self, strategy: Strategy) -> "Strategies":
        return Strategies(default_strategy=strategy, service_strategies=self.service_strategies)

    def _with(self, services: Mapping[str, ServiceStrategy]) -> "Strategies":
        ordered = tuple(services[name] for name in sorted(services))
        return Strategies(default_strategy=self.default_strategy, service_strategies=ordered)

    def as_json(self) -> dict[str, Any]:
        return {
            "default_strategy": self.default_strategy.as_json(),
            "service_strategies": [
                {"service": one.service, **one.as_json()} for one in self.service_strategies
            ],
        }

    def answer(self, service: str, *, legacy: bool = False) -> dict[str, Any]:
        """What a remote sampler of this service is answered; `legacy` has numbers for the types.

        A service without operations of its own has those of the default, as in Jaeger; but not one
        with a rate limit, which would be lost by that.
        """
        strategy, default = self.of(service), self.default_strategy
        limited = strategy.type == RATE_LIMITING
        type_ = "RATE_LIMITING" if limited else "PROBABILISTIC"
        found: dict[str, Any] = {"strategyType": LEGACY[type_] if legacy else type_}
        if limited:
            return found | {"rateLimitingSampling": {"maxTracesPerSecond": int(strategy.param)}}
        found["probabilisticSampling"] = {"samplingRate": strategy.param}
        if operations := {**default.operations, **strategy.operations}:
            found["operationSampling"] = {
                "defaultSamplingProbability": strategy.param,
                "defaultLowerBoundTracesPerSecond": 0,
                "perOperationStrategies": [
                    {"operation": name, "probabilisticSampling": {"samplingRate": probability}}
                    for name, probability in operations.items()
                ],
                "defaultUpperBoundTracesPerSecond": 0,
            }
        return found


def named(service: str, strategy: Strategy) -> ServiceStrategy:
    return ServiceStrategy(
        service=service,
        type=strategy.type,
        param=strategy.param,
        operation_strategies=strategy.operation_strategies,
    )


def short(number: float) -> float:
    """1 for 1.0, as a person writes it."""
    return int(number) if number == int(number) else number
