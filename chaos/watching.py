"""Joins a service to the control plane of the faults."""

from chaos.engine.plane import ControlPlane
from chaos.engine.watch import Watch
from shared.http import Wire
from shared.runtime import Runtime


def watching(runtime: Runtime) -> None:
    """Has the service watch the control plane from its start to its stop."""
    settings, wire = runtime.settings, Wire()
    plane = ControlPlane(
        settings.urls["chaos"],
        wire,
        service=settings.service,
        instance=str(runtime.telemetry.resource.attributes["service.instance.id"]),
        token=settings.chaos_token,
    )
    watch = Watch(plane, runtime.faults)
    runtime.closing(wire.aclose)
    runtime.closing(watch.close)
    runtime.stopping(watch.stop)
    runtime.starting(watch.start)
