"""What is going to run: which services, on which ports, with their sockets already open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.launcher import busy, environment
from scripts.launcher.sockets import Busy, Door, Moved, around_busy, open_doors, why
from shared.settings import Settings
from shared.topology import BY_NAME

LAST_PORT = 65535


class CannotStart(Exception):
    """Why nothing was started, in sentences for the person who asked."""


@dataclass(frozen=True)
class Wishes:
    """What `acme up` was asked for; no `services` means all of them."""

    run: Path
    services: Sequence[str] = ()
    port_base: int | None = None
    auto_ports: bool = False
    restarting: bool = True
    spawning: bool = False
    raw: bool = False

    @property
    def names(self) -> list[str]:
        return [name for name in BY_NAME if not self.services or name in self.services]


@dataclass(frozen=True)
class Plan:
    """The environment and settings of the services, their open doors, the ports that gave way."""

    environ: Mapping[str, str]
    settings: Sequence[Settings]
    doors: Mapping[str, Door]
    moved: Sequence[Moved]


def plan(wishes: Wishes, environ: Mapping[str, str]) -> Plan:
    """Opens every port, or none. Raises CannotStart and SettingError."""
    if wishes.port_base is not None:
        environ = environment.with_ports(environ, block(wishes.port_base))
    settings = [Settings.read(name, environ) for name in wishes.names]
    ports = {one.service: environment.ports_of(one) for one in settings}
    host, moved = settings[0].host, list[Moved]()
    doors, taken = open_on(host, ports)
    if taken and wishes.auto_ports:
        close(doors)
        ports, moved = around_busy(host, ports, taken)
        doors, taken = open_on(host, ports)
    if taken:
        close(doors)
        raise CannotStart(busy.sentence(taken))
    environ = environment.with_ports(environ, ports)
    return Plan(environ, [Settings.read(name, environ) for name in wishes.names], doors, moved)


def block(first: int) -> dict[str, list[int]]:
    ports = environment.block(first)
    last = max(port for several in ports.values() for port in several)
    if last > LAST_PORT:
        most = first - (last - LAST_PORT)
        raise CannotStart(f"--port-base {first} cannot be used: at most {most} is allowed")
    return ports


def open_on(host: str, ports: Mapping[str, Sequence[int]]) -> tuple[dict[str, Door], list[Busy]]:
    try:
        return open_doors(host, ports)
    except OSError as error:
        raise CannotStart(f"ACME_HOST={host} cannot be used: {why(error)}") from None


def close(doors: Mapping[str, Door]) -> None:
    for door in doors.values():
        door.close()
