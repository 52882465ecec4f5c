"""Work that leaves no spans: a check that finds nothing to do is not worth a trace."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.context import (
    _SUPPRESS_INSTRUMENTATION_KEY,
    Context,
    attach,
    detach,
    get_current,
    get_value,
    set_value,
)
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import (
    NonRecordingSpan,
    NoOpTracer,
    SpanContext,
    TraceFlags,
    Tracer,
    get_current_span,
    set_span_in_context,
)

NO_SPANS = NoOpTracer()


@contextmanager
def suppress_instrumentation() -> Iterator[None]:
    """Records no spans inside, neither here nor in the services that are called from here.

    Instrumentation looks at the API's key (see `unless_suppressed`). Spans that are made by hand,
    and the services that are called, follow their parent, which is not sampled.
    """
    token = attach(set_value(_SUPPRESS_INSTRUMENTATION_KEY, True, unsampled(get_current())))
    try:
        yield
    finally:
        detach(token)


def unless_suppressed(tracer: Tracer) -> Tracer:
    """The tracer, or where instrumentation is suppressed one that makes no spans. For the spans of
    the platform: what is started by hand is never suppressed by the key alone.
    """
    return NO_SPANS if get_value(_SUPPRESS_INSTRUMENTATION_KEY) else tracer


def unsampled(parent: Context) -> Context:
    """The parent's context with the sampled flag down, so that nothing below it is recorded
    either.
    """
    ids, above = RandomIdGenerator(), get_current_span(parent).get_span_context()
    below = SpanContext(
        above.trace_id if above.is_valid else ids.generate_trace_id(),
        ids.generate_span_id(),
        is_remote=False,
        trace_flags=TraceFlags(TraceFlags.DEFAULT),
        trace_state=above.trace_state,
    )
    return set_span_in_context(NonRecordingSpan(below), parent)
