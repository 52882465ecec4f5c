"""Listening sockets, opened before anything starts, so that every busy port is known at once."""

import errno
import os
import socket
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

BACKLOG = 2048
BUSY = (errno.EADDRINUSE, errno.EACCES)
AIRPLAY = (
    "On macOS the AirPlay Receiver holds port {port}: System Settings > General > AirDrop & Handoff"
    " turns it off."
)


@dataclass(frozen=True)
class Place:
    """Where a service listens, its own port first. An `optional` port that is busy keeps nothing
    from starting: the service listens on the next free one.
    """

    host: str
    ports: tuple[int, ...]
    optional: frozenset[int] = frozenset()


@dataclass
class Listeners:
    """The open sockets that one service listens on, its own port first."""

    service: str
    sockets: list[socket.socket]

    @property
    def ports(self) -> list[int]:
        return [port_of(opened) for opened in self.sockets]

    def close(self, ports: Collection[int] | None = None) -> None:
        """Closes those of these ports, or all."""
        closing = [one for one in self.sockets if ports is None or port_of(one) in ports]
        for opened in closing:
            self.sockets.remove(opened)
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


def open_listeners(wanted: Mapping[str, Place]) -> tuple[dict[str, Listeners], list[Busy]]:
    """Listens on all `wanted` ports; those that are busy are left out and returned."""
    listeners: dict[str, Listeners] = {name: Listeners(name, []) for name in wanted}
    busy: list[Busy] = []
    for name, place in wanted.items():
        for port in place.ports:
            try:
                listeners[name].sockets.append(listen(place.host, port))
            except OSError as error:
                if error.errno not in BUSY:
                    raise
                busy.append(Busy(name, port, error))
    return listeners, busy


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
    wanted: Mapping[str, Place], busy: Sequence[Busy], kept: Collection[int] = ()
) -> tuple[dict[str, Place], list[Moved]]:
    """Where to listen instead: each busy port gives way to the next free one that is not `kept`."""
    taken = {port for place in wanted.values() for port in place.ports} | set(kept)
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


def busy_sentence(busy: Sequence[Busy]) -> str:
    """One message for all busy ports, with the ways out."""
    lines = [busy_line(one, holder(one.port)) for one in busy]
    lines += [AIRPLAY.format(port=one.port) for one in busy if airplay(one.port)]
    lines.append(
        "Stop what is in the way, or use `acme up --auto-ports` (the next free ports) or"
        " `acme up --port-base 15000` (a block of ports of your own)."
    )
    return "\n".join(lines)


def busy_line(busy: Busy, held_by: str) -> str:
    if busy.reason.errno == errno.EACCES:
        return f"Port {busy.port} of {busy.service} is not for this user: ports below 1024 are not."
    return f"Port {busy.port} of {busy.service} is busy: {held_by} has it."


def holder(port: int) -> str:
    """The program that listens on `port`, as far as this user may know."""
    import psutil  # noqa: PLC0415 - slow to import, needed for bad news alone

    unknown = "a program that cannot be named from here"
    try:
        for held in psutil.net_connections(kind="tcp"):
            here = held.laddr and held.laddr.port == port
            if here and held.status == psutil.CONN_LISTEN and held.pid:
                if held.pid == os.getpid():
                    return "another service of the shop"
                return f"{psutil.Process(held.pid).name()} (pid {held.pid})"
    except psutil.Error:
        return unknown
    return unknown


def airplay(port: int) -> bool:
    return sys.platform == "darwin" and port in (5000, 7000)
