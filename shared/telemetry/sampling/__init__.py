"""Which traces are recorded: the samplers that OTEL_TRACES_SAMPLER can name."""

from collections.abc import Callable

from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    ParentBased,
    Sampler,
    TraceIdRatioBased,
)

from shared.errors import SettingError
from shared.settings.parsers import http_url, number, pairs
from shared.telemetry.sampling.adaptive import Adaptive
from shared.telemetry.sampling.jaeger_remote import JaegerRemote
from shared.telemetry.sampling.rate_limiting import RateLimiting
from shared.telemetry.sampling.rule import RootsByRule

REMOTE = {
    "endpoint": "http://127.0.0.1:5778",
    "pollingIntervalMs": "60000",
    "initialSamplingRate": "0.001",
}

read_ratio = number(0, 1)
read_rate = number(0, 1_000_000)
read_milliseconds = number(1, 86_400_000)


def sampler(name: str, arg: str, *, service: str) -> Sampler:
    """The sampler that OTEL_TRACES_SAMPLER calls `name`, with `arg`.

    It may have `needs_name`, when it goes by the names of root spans, and `close`. Raises
    SettingError for an `arg` it cannot use.
    """
    make, allowed = SAMPLERS[name]
    try:
        return make(arg, service)
    except ValueError:
        raise SettingError(f"OTEL_TRACES_SAMPLER_ARG={arg} cannot be used: {allowed}") from None


def independently(decides: Sampler) -> Sampler:
    """Decides for each request again, whatever its caller decided; inside of the service spans
    follow their request, so that what is suppressed stays unrecorded.
    """
    return ParentBased(decides, remote_parent_sampled=decides, remote_parent_not_sampled=decides)


def ratio(arg: str) -> Sampler:
    return TraceIdRatioBased(read_ratio(arg or "1"))


def jaeger_remote(arg: str, service: str) -> Sampler:
    given = pairs(arg)
    if not given.keys() <= REMOTE.keys():
        raise ValueError(arg)
    settings = REMOTE | given
    interval, initial = settings["pollingIntervalMs"], settings["initialSamplingRate"]
    rule = JaegerRemote(
        service,
        http_url(settings["endpoint"]),
        interval=read_milliseconds(interval) / 1000,
        initial=read_ratio(initial),
    )
    return RootsByRule(rule)


NOTHING = "no argument is needed"
RATIO = "a ratio from 0 to 1 is allowed"
PER_SECOND = "a number of traces per second from 0 to 1000000 is allowed"
LIST = f"a list like {','.join(f'{key}={value}' for key, value in REMOTE.items())} is allowed"

SAMPLERS: dict[str, tuple[Callable[[str, str], Sampler], str]] = {
    "always_on": (lambda _arg, _service: independently(ALWAYS_ON), NOTHING),
    "always_off": (lambda _arg, _service: ALWAYS_OFF, NOTHING),
    "traceidratio": (lambda arg, _: independently(ratio(arg)), RATIO),
    "parentbased_always_on": (lambda _arg, _service: ParentBased(ALWAYS_ON), NOTHING),
    "parentbased_always_off": (lambda _arg, _service: ParentBased(ALWAYS_OFF), NOTHING),
    "parentbased_traceidratio": (lambda arg, _: ParentBased(ratio(arg)), RATIO),
    "rate_limiting": (lambda arg, _: RootsByRule(RateLimiting(read_rate(arg or "10"))), PER_SECOND),
    "adaptive": (lambda arg, _: RootsByRule(Adaptive(read_rate(arg or "1"))), PER_SECOND),
    "jaeger_remote": (jaeger_remote, LIST),
}
