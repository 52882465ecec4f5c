"""The faults that a service has by itself: those of its row, and those of its settings."""

from shared.faults.delay import Latency
from shared.faults.effect import Error
from shared.faults.model import Fault
from shared.settings import Settings
from shared.topology import BY_NAME


def faults_of(settings: Settings) -> list[Fault]:
    """The faults a service starts with: its row's own, at the rate its settings say, and the
    latency they add.
    """
    name, own = settings.service, BY_NAME[settings.service].faults
    faults = list(own)
    if settings.failure_rate is not None:
        faults = [fault.model_copy(update={"rate": settings.failure_rate}) for fault in own] or [
            Fault(
                id=f"{name}-failure",
                title=f"{name} answers 503 to a share of its requests; their SERVER spans turn red",
                rate=settings.failure_rate,
                effect=Error(status=503),
            )
        ]
    if settings.latency:
        faults.append(
            Fault(
                id=f"{name}-latency",
                title=f"{name} waits before each answer; its SERVER spans grow by as much",
                effect=Latency(ms=settings.latency * 1000),
            )
        )
    return faults
