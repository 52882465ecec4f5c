"""Who makes the spans that every service has: those of its requests, its calls, its stores.

ACME_INSTRUMENTATION says it, and `chosen` is the one place that reads it. Spans made by hand beside
the work that they measure, and those of messages, are the same whoever makes the others.
"""

from collections.abc import Callable

from shared.errors import SettingError
from shared.instrumentation.manual import Manual
from shared.instrumentation.native import Native
from shared.instrumentation.who import Instrumentation
from shared.settings import ServiceSettings
from shared.telemetry.provider import Telemetry
from shared.topology import BY_NAME

__all__ = ["Instrumentation", "chosen", "packages"]


def chosen(settings: ServiceSettings, telemetry: Telemetry) -> Instrumentation:
    """The instrumentation of a service. Raises SettingError when it is not installed."""
    wanted = settings.telemetry
    untraced = wanted.is_off or not BY_NAME[settings.service].traced
    if untraced or wanted.instrumentation == "manual":
        return Manual(telemetry)
    if wanted.instrumentation == "native":
        return Native(telemetry)
    return packages()(telemetry)


def packages() -> Callable[[Telemetry], Instrumentation]:
    """OpenTelemetry's packages, which are imported here and nowhere else. Raises SettingError when
    one of them is not installed.
    """
    try:
        from shared.instrumentation.auto import Auto  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise SettingError(
            f"ACME_INSTRUMENTATION=auto cannot be used: {error.name} is not installed; "
            "`make extras` adds it, or pip install '.[auto]'"
        ) from None
    return Auto
