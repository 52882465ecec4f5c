"""Whether there is what a fault names: no service of another name will ever ask for it."""

from collections.abc import Iterable, Iterator

from chaos.control_plane.domain.problem import Problem, Wrong
from chaos.engine.model import Fault
from chaos.engine.reader import meant
from shared.topology import BY_NAME, SERVICES

UNKNOWN = "unknown-service"


def check_known(faults: Iterable[Fault], path: str) -> None:
    """Refuses names of services that nothing can strike; `path` is that of a fault, with {n}."""
    wrong = [one for n, fault in enumerate(faults) for one in unknown(fault, path.format(n=n))]
    if wrong:
        told = "; ".join(f"{one.path}: {one.message}" for one in wrong[:3])
        raise Problem(422, UNKNOWN, told, wrong)


def unknown(fault: Fault, path: str) -> Iterator[Wrong]:
    services = [service.name for service in SERVICES if service.traced]
    outside = [name for service in SERVICES for name in service.outside]
    for key, there in (("service", services), ("peer", services + outside)):
        name = getattr(fault.where, key)
        if name not in {None, *there}:
            told = f"no fault strikes {name}: there are {', '.join(there)}"
            hint = "" if name in BY_NAME else meant(name, there).removeprefix("; ")
            yield Wrong(f"{path}where.{key}", UNKNOWN, told, hint)
