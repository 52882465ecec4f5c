"""What decides whether a new trace is recorded, as a sampler of the SDK."""

from collections.abc import Sequence
from typing import NamedTuple

from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import (
    Decision,
    ParentBased,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes, AttributeValue


class Verdict(NamedTuple):
    """Whether a trace is recorded, and what its root will say about that: `sampler.type` and
    `sampler.param`.
    """

    sampled: bool
    type: str
    param: float


class Rule:
    """Decides whether a new trace is recorded. One that `needs_name` goes by the name of the root
    span, which for a request is its route.
    """

    needs_name = False

    def decide(self, trace_id: int, name: str) -> Verdict:
        raise NotImplementedError

    def close(self) -> None:
        """Ends what runs in the background, which is nothing for most."""


class ByRule(Sampler):
    """A sampler for roots that goes by a rule and notes its verdict on the root."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule

    def should_sample(  # noqa: PLR0917 - the SDK's signature
        self,
        parent_context: Context | None,  # noqa: ARG002 - a root has no parent
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,  # noqa: ARG002 - the rules go by name alone
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,  # noqa: ARG002 - likewise
        trace_state: TraceState | None = None,  # noqa: ARG002 - a root has none
    ) -> SamplingResult:
        sampled, type_, param = self._rule.decide(trace_id, name)
        if not sampled:
            return SamplingResult(Decision.DROP)
        verdict: dict[str, AttributeValue] = {"sampler.type": type_, "sampler.param": param}
        return SamplingResult(Decision.RECORD_AND_SAMPLE, {**(attributes or {}), **verdict})

    def get_description(self) -> str:
        return type(self._rule).__name__


class RootsByRule(ParentBased):
    """Decides for roots by a rule, and follows the parent everywhere else."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(ByRule(rule))
        self.needs_name, self.close = rule.needs_name, rule.close


class Constant(Rule):
    """All traces, or none."""

    def __init__(self, sampled: bool) -> None:
        self._sampled = sampled

    def decide(self, trace_id: int, name: str) -> Verdict:  # noqa: ARG002 - any trace
        return Verdict(self._sampled, "const", float(self._sampled))


class Probabilistic(Rule):
    """The same share of all traces. It goes by the trace's id, as the SDK's ratio sampler does."""

    def __init__(self, rate: float) -> None:
        self._rate = rate

    def decide(self, trace_id: int, name: str) -> Verdict:  # noqa: ARG002 - all names alike
        return Verdict(among(self._rate, trace_id), "probabilistic", self._rate)


def among(rate: float, trace_id: int) -> bool:
    """Whether the trace belongs to the share `rate` of all: its id's lower half decides."""
    bound = TraceIdRatioBased.get_bound_for_rate(rate)
    return trace_id & TraceIdRatioBased.TRACE_ID_LIMIT < bound
