"""Listening sockets, opened before anything starts, so that every busy port is known at once."""

import errno
import socket
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

BACKLOG = 2048
BUSY = (errno.EADDRINUSE, errno.EACCES)


@dataclass(frozen=True)
class Place:
    """Where a service listens, its own port first."""

    host: str
    ports: tuple[int, ...]


@dataclass
class Door:
    """The sockets one service listens on, its own port first."""

    service: str
    sockets: list[socket.socket]

    @property
    def ports(self) -> list[int]:
        return [port_of(opened) for opened in self.sockets]

    def close(self) -> None:
        for opened in self.sockets:
            opened.close()


@dataclass(frozen=True)
class Busy:
    """A port that a service wants and another program has, or that is not for this user."""

    service: str
    port: int
    reason: OSError


@dataclass(frozen=True)
class Moved:
    """A port that was busy, and the one taken in its place."""

    service: str
    port: int
    to: int


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on `port`; 0 takes any free one. Raises OSError."""
    # Opened anew by its number, it knows that it is TCP's. Without that, asyncio leaves Nagle's
    # algorithm on in what it accepts, and each answer waits 40 ms for an acknowledgement.
    return socket.socket(fileno=listening(host, port).detach())


def listening(host: str, port: int) -> socket.socket:
    if ":" in host:
        both = host == "::" and socket.has_dualstack_ipv6()
        address = (host, port)
        return socket.create_server(
            address, family=socket.AF_INET6, backlog=BACKLOG, dualstack_ipv6=both
        )
    return socket.create_server((host, port), backlog=BACKLOG)


def why(error: OSError) -> str:
    """The reason alone, without what the socket module adds to it."""
    return (error.strerror or str(error)).partition(" (while")[0]


def port_of(opened: socket.socket) -> int:
    port: int = opened.getsockname()[1]
    return port


def open_doors(wanted: Mapping[str, Place]) -> tuple[dict[str, Door], list[Busy]]:
    """Listens on all `wanted` ports; those that are busy are left out and told."""
    doors: dict[str, Door] = {name: Door(name, []) for name in wanted}
    busy: list[Busy] = []
    for name, place in wanted.items():
        for port in place.ports:
            try:
                doors[name].sockets.append(listen(place.host, port))
            except OSError as error:
                if error.errno not in BUSY:
                    raise
                busy.append(Busy(name, port, error))
    return doors, busy


def next_free(host: str, port: int, taken: Collection[int]) -> int:
    """The first port after `port` that is neither `taken` nor listened on by anyone."""
    for candidate in range(port + 1, 65536):
        if candidate in taken:
            continue
        try:
            listen(host, candidate).close()
        except OSError:
            continue
        return candidate
    raise OSError(errno.EADDRINUSE, f"no port after {port} is free")


def around_busy(
    wanted: Mapping[str, Place], busy: Sequence[Busy]
) -> tuple[dict[str, Place], list[Moved]]:
    """Where to listen instead: each busy port gives way to the next free one."""
    taken = {port for place in wanted.values() for port in place.ports}
    moves: dict[int, Moved] = {}
    for one in busy:
        to = next_free(wanted[one.service].host, one.port, taken)
        taken.add(to)
        moves[one.port] = Moved(one.service, one.port, to)
    places = {
        name: Place(
            old.host, tuple(moves[port].to if port in moves else port for port in old.ports)
        )
        for name, old in wanted.items()
    }
    return places, list(moves.values())
