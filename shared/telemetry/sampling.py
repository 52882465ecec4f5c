"""Which traces are recorded."""

from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    ParentBased,
    Sampler,
    TraceIdRatioBased,
)


def sampler(name: str, arg: str, *, service: str) -> Sampler:
    """The sampler called `name` as OTEL_TRACES_SAMPLER calls it."""
    ratio = TraceIdRatioBased(float(arg or 1))
    return {
        "always_on": ALWAYS_ON,
        "always_off": ALWAYS_OFF,
        "traceidratio": ratio,
        "parentbased_always_on": ParentBased(ALWAYS_ON),
        "parentbased_always_off": ParentBased(ALWAYS_OFF),
        "parentbased_traceidratio": ParentBased(ratio),
    }[name]
