"""Joins a service to its faults, and to the control plane that says which they are."""

from chaos.defaults import faults_of
from chaos.engine.engine import FaultEngine
from chaos.engine.hooks import FaultHooks
from chaos.engine.plane import ControlPlane
from chaos.engine.watch import Watch
from shared.http import Wire
from shared.runtime import Runtime
from shared.settings import ServiceSettings


def hooks_for(settings: ServiceSettings) -> FaultHooks:
    """Hooks with the faults that the service has by itself."""
    return FaultHooks(FaultEngine(faults_of(settings), settings.seed, service=settings.service))


def watching(runtime: Runtime, hooks: FaultHooks) -> None:
    """Has the service watch the control plane from its start to its stop."""
    settings, wire = runtime.settings, Wire()
    plane = ControlPlane(
        settings.urls["chaos"],
        wire,
        service=settings.service,
        instance=str(runtime.telemetry.resource.attributes["service.instance.id"]),
        token=settings.chaos_token,
    )
    watch = Watch(plane, hooks.engine)
    runtime.life.closing(wire.aclose)
    runtime.life.closing(watch.close)
    runtime.life.stopping(watch.stop)
    runtime.life.starting(watch.start)
