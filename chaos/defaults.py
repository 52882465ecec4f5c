"""The faults that a service has by itself: the shop's defaults, and those of its settings."""

from collections.abc import Iterator, Mapping

from chaos.engine.effect import Error, Latency
from chaos.engine.model import Fault, Where
from chaos.engine.registry import ENVIRONMENT, TOPOLOGY, OwnFault
from shared.settings import ServiceSettings, ShopSettings

AUTH_FAILS = Fault(
    id="auth-failure",
    title="auth cannot tell who is asking; its SERVER span and the gateway's CLIENT span turn red",
    where=Where(side="server", route="GET /auth"),
    rate=0.2,
    effect=Error(status=500),
)
CARRIER_FAILS = Fault(
    id="shipping-failure",
    title="the carrier answers 503; shipping's spans turn red, the order is still answered",
    where=Where(side="client", peer="carrier"),
    rate=0.3,
    effect=Error(status=503),
)
DEFAULTS: Mapping[str, tuple[Fault, ...]] = {"auth": (AUTH_FAILS,), "shipping": (CARRIER_FAILS,)}


def faults_of(settings: ServiceSettings) -> list[OwnFault]:
    """The faults a service starts with: its defaults, at the rate its settings say, and the
    latency they add.
    """
    if not isinstance(settings, ShopSettings):
        return []
    return [*failures(settings), *latencies(settings)]


def failures(settings: ShopSettings) -> Iterator[OwnFault]:
    rate, source = settings.failure_rate, source_of(settings, "FAILURE_RATE")
    name = settings.service
    defaults = DEFAULTS.get(name, ())
    for fault in defaults:
        changed = fault if rate is None else fault.model_copy(update={"rate": rate})
        yield OwnFault(changed, source)
    if not defaults and rate is not None and (rate or source != TOPOLOGY):
        title = f"{name} answers 503 to a share of its requests; their SERVER spans turn red"
        failure = Error(status=503)
        yield OwnFault(Fault(id=f"{name}-failure", title=title, rate=rate, effect=failure), source)


def latencies(settings: ShopSettings) -> Iterator[OwnFault]:
    name = settings.service
    if settings.latency_ms:
        title = f"{name} waits before each answer; its SERVER spans grow by as much"
        delay = Latency(ms=settings.latency_ms)
        source = source_of(settings, "LATENCY_MS")
        yield OwnFault(Fault(id=f"{name}-latency", title=title, effect=delay), source)


def source_of(settings: ServiceSettings, variable: str) -> str:
    """Where a value comes from: the variable, if it was given."""
    named = f"{settings.service.upper()}_{variable}"
    return f"{ENVIRONMENT} {named}" if named in settings.given else TOPOLOGY
