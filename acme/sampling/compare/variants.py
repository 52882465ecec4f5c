"""The samplers that are compared, each with what it should keep."""

from collections.abc import Mapping
from dataclasses import dataclass

RATIO = 0.25
PER_SECOND = 5.0
TAIL_SHARE = 0.1
# How long a delayed request takes at least, and from when on the tail stage calls a trace slow: a
# busy machine delays others, too, but seldom as much.
DELAY_MS, SLOW_MS = 1_500, 1_200
POLLING_MS = 200
INDEPENDENT = 0.1


@dataclass(frozen=True)
class Variant:
    """A sampler, by the environment of its shop. It keeps the `share` of all traces, if that can be
    said, or at most `per_second`; one that `keeps_what_matters` keeps errors and slow traces, and
    the share of all others. `whole` traces can be expected of it, or not. A `remote` one needs a
    strategy in lens.
    """

    name: str
    environ: Mapping[str, str]
    meaning: str
    share: float | None = None
    per_second: float | None = None
    keeps_what_matters: bool = False
    whole: bool = True
    remote: bool = False


def head(name: str, arg: str = "") -> dict[str, str]:
    return {"OTEL_TRACES_SAMPLER": name, "OTEL_TRACES_SAMPLER_ARG": arg}


ALWAYS_ON = Variant("always_on", head("parentbased_always_on"), "every trace", share=1.0)
VARIANTS = (
    ALWAYS_ON,
    Variant(
        "probabilistic",
        head("parentbased_traceidratio", f"{RATIO}"),
        f"{RATIO:.0%} of the traces, decided where they begin",
        share=RATIO,
    ),
    Variant(
        "rate_limiting",
        head("rate_limiting", f"{PER_SECOND:g}"),
        f"{PER_SECOND:g} traces per second at most",
        per_second=PER_SECOND,
    ),
    Variant(
        "adaptive",
        head("adaptive", f"{PER_SECOND:g}"),
        f"about {PER_SECOND:g} traces per second of each route",
    ),
    Variant(
        "jaeger_remote",
        head("jaeger_remote", f"pollingIntervalMs={POLLING_MS},initialSamplingRate=1"),
        f"{RATIO:.0%}, as a strategy in lens says",
        share=RATIO,
        remote=True,
    ),
    Variant(
        "error_biased",
        head("error_biased", f"{RATIO}"),
        f"meant to keep errors and {RATIO:.0%} of the rest",
        share=RATIO,
    ),
    Variant(
        "independent",
        {**head("traceidratio", f"{RATIO}"), "ORDERS_OTEL_TRACES_SAMPLER_ARG": f"{INDEPENDENT}"},
        f"{RATIO:.0%}, decided by each service for itself, {INDEPENDENT:.0%} in orders",
        share=RATIO,
        whole=False,
    ),
    Variant(
        "tail",
        head("parentbased_always_on")
        | {"LENS_TAIL_SAMPLING": f"wait=2s,slow={SLOW_MS}ms,share={TAIL_SHARE}"},
        f"errors, slow traces and {TAIL_SHARE:.0%} of the rest, decided at their end in lens",
        share=TAIL_SHARE,
        keeps_what_matters=True,
    ),
)
NAMES = tuple(variant.name for variant in VARIANTS)
