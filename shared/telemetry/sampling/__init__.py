"""Which traces are recorded: the samplers that OTEL_TRACES_SAMPLER can name."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    ParentBased,
    Sampler,
    TraceIdRatioBased,
)

from shared.errors import SettingError
from shared.settings.parsers import http_url, number, pairs, switch
from shared.telemetry.sampling.adaptive import Adaptive
from shared.telemetry.sampling.error_biased import ErrorBiased
from shared.telemetry.sampling.jaeger_remote import JaegerRemote
from shared.telemetry.sampling.rate_limiting import RateLimiting
from shared.telemetry.sampling.rule import Constant, Probabilistic, RootsByRule

read_ratio = number(0, 1)
read_rate = number(0, 1_000_000)
read_milliseconds = number(1, 86_400_000)

STRATEGIES = "http://127.0.0.1:5778"  # where lens and Jaeger serve them
POLLING = {"pollingIntervalMs": "5000", "initialSamplingRate": "0.001"}


@dataclass(frozen=True)
class Kind:
    """A sampler by its name. `make` gets the argument, the service, and the address of the
    strategies for those that fetch them; `allowed` ends the message about an argument that cannot
    be used. `argument` and `meaning` are for people. A name of the Jaeger clients is `short_for`
    one of ours.
    """

    make: Callable[[str, str, str], Sampler]
    allowed: str
    argument: str
    meaning: str
    short_for: str = ""


def sampler(name: str, arg: str, *, service: str, strategies: str = STRATEGIES) -> Sampler:
    """The sampler that OTEL_TRACES_SAMPLER calls `name`, with `arg`.

    It may have `needs_name`, when it goes by the names of root spans, and `close`. One that fetches
    strategies does so at the address `strategies`, unless `arg` has another. Raises SettingError
    for an `arg` it cannot use.
    """
    kind = SAMPLERS[name]
    try:
        return kind.make(arg, service, strategies)
    except ValueError:
        sentence = f"OTEL_TRACES_SAMPLER_ARG={arg} cannot be used: {kind.allowed}"
        raise SettingError(sentence) from None


def independently(decides: Sampler) -> Sampler:
    """Decides for each request again, whatever its caller decided; inside of the service spans
    follow their request, so that what is suppressed stays unrecorded.
    """
    return ParentBased(decides, remote_parent_sampled=decides, remote_parent_not_sampled=decides)


def ratio(arg: str) -> Sampler:
    return TraceIdRatioBased(read_ratio(arg or "1"))


def constant(arg: str) -> Sampler:
    return RootsByRule(Constant(switch(arg or "1")))


def jaeger_remote(arg: str, service: str, strategies: str) -> Sampler:
    settings = {"endpoint": strategies} | POLLING
    given = pairs(arg)
    if not given.keys() <= settings.keys():
        raise ValueError(arg)
    settings |= given
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
EXAMPLE = ",".join(f"{key}={value}" for key, value in ({"endpoint": STRATEGIES} | POLLING).items())
LIST = f"a list like {EXAMPLE} is allowed"
SWITCH = "1 or 0 is allowed"

EACH_SERVICE = "decided by each service for itself: traces fall apart where services differ"

# The order in which they are listed, too.
SAMPLERS: dict[str, Kind] = {
    "parentbased_always_on": Kind(
        lambda _arg, *_: ParentBased(ALWAYS_ON), NOTHING, "", "every trace; the default"
    ),
    "parentbased_always_off": Kind(
        lambda _arg, *_: ParentBased(ALWAYS_OFF), NOTHING, "", "no trace that begins here"
    ),
    "parentbased_traceidratio": Kind(
        lambda arg, *_: ParentBased(ratio(arg)), RATIO, "0.25", "a share of the traces, by their id"
    ),
    "rate_limiting": Kind(
        lambda arg, *_: RootsByRule(RateLimiting(read_rate(arg or "10"))),
        PER_SECOND,
        "5",
        "so many traces per second and no more",
    ),
    "adaptive": Kind(
        lambda arg, *_: RootsByRule(Adaptive(read_rate(arg or "1"))),
        PER_SECOND,
        "2",
        "so many traces per second of every route: a share of busy ones, all of rare ones",
    ),
    "jaeger_remote": Kind(
        jaeger_remote,
        LIST,
        "pollingIntervalMs=5000",
        "as the strategies say that lens or Jaeger serve, fetched again and again",
    ),
    "error_biased": Kind(
        lambda arg, *_: ParentBased(ErrorBiased(read_ratio(arg or "0.1"))),
        RATIO,
        "0.1",
        "meant to keep errors and a share of the rest; keeps only the share, since no error has "
        "happened yet when a trace begins",
    ),
    "always_on": Kind(
        lambda _arg, *_: independently(ALWAYS_ON),
        NOTHING,
        "",
        f"every request, also below a trace that is not recorded; {EACH_SERVICE}",
    ),
    "always_off": Kind(lambda _arg, *_: ALWAYS_OFF, NOTHING, "", "nothing at all"),
    "traceidratio": Kind(
        lambda arg, *_: independently(ratio(arg)),
        RATIO,
        "0.25",
        f"a share of the requests, {EACH_SERVICE}",
    ),
    "const": Kind(
        lambda arg, *_: constant(arg),
        SWITCH,
        "1",
        "all traces with 1, none with 0",
        "parentbased_always_on or _off",
    ),
    "probabilistic": Kind(
        lambda arg, *_: RootsByRule(Probabilistic(read_ratio(arg or "1"))),
        RATIO,
        "0.25",
        "a share of the traces, by their id",
        "parentbased_traceidratio",
    ),
}
SAMPLERS["ratelimiting"] = replace(SAMPLERS["rate_limiting"], short_for="rate_limiting")
SAMPLERS["remote"] = replace(SAMPLERS["jaeger_remote"], short_for="jaeger_remote")
