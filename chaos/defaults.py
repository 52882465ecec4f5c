"""The faults that a service has by itself: those of its row, and those of its settings."""

from collections.abc import Iterator

from chaos.engine.delay import Latency
from chaos.engine.effect import Error
from chaos.engine.model import Fault
from chaos.engine.standing import ENVIRONMENT, TOPOLOGY, Own
from shared.settings import Settings
from shared.topology import BY_NAME


def faults_of(settings: Settings) -> list[Own]:
    """The faults a service starts with: its row's own, at the rate its settings say, and the
    latency they add.
    """
    return [*failures(settings), *latencies(settings)]


def failures(settings: Settings) -> Iterator[Own]:
    rate, source = settings.failure_rate, source_of(settings, "FAILURE_RATE")
    row = BY_NAME[settings.service]
    for fault in row.faults:
        changed = fault if rate is None else fault.model_copy(update={"rate": rate})
        yield Own(changed, source)
    if not row.faults and rate is not None and (rate or source != TOPOLOGY):
        title = f"{row.name} answers 503 to a share of its requests; their SERVER spans turn red"
        failure = Error(status=503)
        yield Own(Fault(id=f"{row.name}-failure", title=title, rate=rate, effect=failure), source)


def latencies(settings: Settings) -> Iterator[Own]:
    name = settings.service
    if settings.latency:
        title = f"{name} waits before each answer; its SERVER spans grow by as much"
        delay = Latency(ms=settings.latency * 1000)
        source = source_of(settings, "LATENCY_MS")
        yield Own(Fault(id=f"{name}-latency", title=title, effect=delay), source)


def source_of(settings: Settings, variable: str) -> str:
    """Where a value comes from: the variable, if it was given."""
    named = f"{settings.service.upper()}_{variable}"
    return f"{ENVIRONMENT} {named}" if named in settings.given else TOPOLOGY
