"""Which header formats the services speak, as the launcher says it at the start."""

from collections.abc import Iterable, Mapping, Sequence

from shared.profiles import EVERY, STANDARD
from shared.settings import ServiceSettings
from shared.topology import BY_NAME
from traces.units import listed


def formats_line(settings: Sequence[ServiceSettings]) -> str:
    """One line where a service speaks anything but the standard; else empty."""
    traced = [one for one in settings if BY_NAME[one.service].traced]
    if all(one.formats == STANDARD for one in traced):
        return ""
    usual = of_traces(STANDARD.sends)
    senders = by_formats((one.service, one.formats.sends) for one in traced)
    others = senders.pop(usual, [])
    readers = by_formats(
        (one.service, one.formats.reads) for one in traced if set(EVERY) - set(one.formats.reads)
    )
    says = [*clauses(senders, "send"), *clauses(readers, "read", "only ")]
    if others:
        says.append(f"all else is {usual}")
    profiles = listed(dict.fromkeys(one.telemetry.profile for one in traced))
    return f"profile {profiles}: {'; '.join(says)} (docs/propagation.md)"


def by_formats(spoken: Iterable[tuple[str, Iterable[str]]]) -> dict[str, list[str]]:
    """The services that speak the same."""
    groups: dict[str, list[str]] = {}
    for service, formats in spoken:
        groups.setdefault(of_traces(formats), []).append(service)
    return groups


def clauses(groups: Mapping[str, Sequence[str]], verb: str, only: str = "") -> list[str]:
    return [
        f"{listed(names)} {verb}{'s' if len(names) == 1 else ''} "
        + (f"{only}{formats}" if formats else "nothing")
        for formats, names in groups.items()
    ]


def of_traces(formats: Iterable[str]) -> str:
    """The formats that name a trace; empty where none does."""
    return listed(name for name in formats if name not in {"baggage", "none"})
