"""A sampler that is meant to keep the errors, and cannot: a lesson.

It decides when a trace begins, by what its root span has at that moment: a method, a path, a route.
The error comes later, often in another service, and the status with it at the end; by then every
service has recorded the request, or has not. What it does keep is a span that is begun as a failed
one, which only code that reports an error after the fact does.

To keep errors one has to wait for the end of the trace: tail sampling, in lens or in a collector.
"""

from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import Decision, SamplingResult
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes, AttributeValue

from shared.telemetry.sampling.rule import ByRule, Probabilistic

SERVER_ERROR = 500


class ErrorBiased(ByRule):
    """Every trace whose root is an error as far as is known when it begins, and of all others the
    share `ratio`.
    """

    def __init__(self, ratio: float) -> None:
        super().__init__(Probabilistic(ratio))

    def should_sample(  # noqa: PLR0917 - the SDK's signature
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        if is_error(attributes):
            verdict: dict[str, AttributeValue] = {
                "sampler.type": "error_biased",
                "sampler.param": 1.0,
            }
            return SamplingResult(Decision.RECORD_AND_SAMPLE, {**(attributes or {}), **verdict})
        return super().should_sample(
            parent_context, trace_id, name, kind, attributes, links, trace_state
        )


def is_error(attributes: Attributes) -> bool:
    """Whether these attributes say that something has failed."""
    known = attributes or {}
    status = known.get("http.response.status_code")
    failed = isinstance(status, int) and status >= SERVER_ERROR
    return failed or known.get("error") is True or "error.type" in known
