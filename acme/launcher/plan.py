"""What is going to run: which services, on which ports, with their sockets already open, and which
Redis beside them."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from acme.launcher import environment
from acme.launcher.outside import Outside, outside_of
from acme.launcher.sockets import (
    Busy,
    Listeners,
    Moved,
    Place,
    around_busy,
    busy_sentence,
    open_listeners,
    why,
)
from acme.redis.server import Server, choose, unreadable
from shared.settings import ServiceSettings, settings_for
from shared.topology import BY_NAME, SERVICES, problems

LAST_PORT = 65535


class CannotStart(Exception):
    """Why nothing was started, in sentences for a person."""


@dataclass(frozen=True)
class UpOptions:
    """The options of `acme up`; no `services` means all of them. Those it is `without` are not
    started: programs of the user's stand in for them.
    """

    run: Path
    services: Sequence[str] = ()
    port_base: int | None = None
    auto_ports: bool = False
    restarting: bool = True
    spawning: bool = False
    raw: bool = False
    without: Sequence[str] = ()
    profile: str = ""

    @property
    def names(self) -> list[str]:
        wanted = self.services or BY_NAME
        return [name for name in BY_NAME if name in wanted and name not in self.without]


@dataclass(frozen=True)
class OwnRedis:
    """The Redis that comes with the shop: which one, where, and the folder of its data."""

    server: Server
    port: int
    folder: Path


@dataclass(frozen=True)
class Plan:
    """The environment and settings of the services, their listening sockets, the ports that gave
    way; the Redis to start, if one is; and the services that are not started.
    """

    environ: Mapping[str, str]
    settings: Sequence[ServiceSettings]
    listeners: Mapping[str, Listeners]
    moved: Sequence[Moved]
    redis: OwnRedis | None = None
    outside: Sequence[Outside] = ()


def plan(options: UpOptions, environ: Mapping[str, str]) -> Plan:
    """Opens every port, or none. Raises CannotStart and SettingError."""
    if wrong := "; ".join(problems(SERVICES)):
        raise CannotStart(f"shared/topology.py: {wrong}.")
    if not options.names:
        raise CannotStart(f"nothing is left to start without {', '.join(options.without)}")
    if options.port_base is not None:
        ports = block(options.port_base)
        environ = environment.with_ports(environ, ports, options.without)
    settings = [settings_for(name, environ) for name in options.names]
    places = {one.service: environment.place_of(one) for one in settings}
    if environment.needs_redis(options.names, environ):
        places[environment.REDIS] = environment.place_of_redis(environ)
    outside = [outside_of(settings_for(name, environ)) for name in dict.fromkeys(options.without)]
    kept = {one.port for one in outside}
    places, listeners, moved = opened(settings[0].host, places, options.auto_ports, kept)
    ports = {name: list(one.ports) for name, one in places.items()}
    environ = environment.with_ports(environ, ports, options.without)
    redis = None
    if environment.REDIS in places:
        redis = own_redis(environ, places[environment.REDIS].ports[0])
        environ = environment.with_redis(environ, redis.port)
    settings = [settings_for(name, environ) for name in options.names]
    return Plan(environ, settings, listeners, moved, redis, outside)


def own_redis(environ: Mapping[str, str], port: int) -> OwnRedis:
    server = choose(environ.get("PATH", os.defpath))
    folder = Path(environ["ACME_DATA"]).resolve() / environment.REDIS
    if server.cannot_read(folder):
        raise CannotStart(f"{server.description} cannot be used: {unreadable(folder)}.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"ACME_DATA={folder.parent} cannot be used: {why(error)}") from None
    return OwnRedis(server, port, folder)


def opened(
    host: str, wanted: dict[str, Place], auto_ports: bool, kept: Collection[int] = ()
) -> tuple[dict[str, Place], dict[str, Listeners], list[Moved]]:
    """Where everything listens in the end, its listening sockets, and the ports that gave way; none
    gives way to one that is `kept` for a program of the user's.
    """
    places, moved = wanted, list[Moved]()
    listeners, taken = open_on(host, places)
    if taken and (auto_ports or all(one.port in wanted[one.service].optional for one in taken)):
        close(listeners)
        places, moved = around_busy(places, taken, kept)
        listeners, taken = open_on(host, places)
    if taken:
        close(listeners)
        raise CannotStart(busy_sentence(taken))
    return places, listeners, moved


def block(first: int) -> dict[str, list[int]]:
    ports = environment.block(first)
    last = max(port for several in ports.values() for port in several)
    if last > LAST_PORT:
        most = first - (last - LAST_PORT)
        raise CannotStart(f"--port-base {first} cannot be used: at most {most} is allowed")
    return ports


def open_on(host: str, places: Mapping[str, Place]) -> tuple[dict[str, Listeners], list[Busy]]:
    try:
        return open_listeners(places)
    except OSError as error:
        raise CannotStart(f"ACME_HOST={host} cannot be used: {why(error)}") from None


def close(listeners: Mapping[str, Listeners]) -> None:
    for opened_sockets in listeners.values():
        opened_sockets.close()
