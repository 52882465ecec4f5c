"""What to say when ports are busy: who has them, and what can be done."""

import errno
import os
import sys
from collections.abc import Sequence

from acme.launcher.sockets import Busy

AIRPLAY = (
    "On macOS the AirPlay Receiver holds port {port}: System Settings > General > AirDrop & Handoff"
    " turns it off."
)


def sentence(busy: Sequence[Busy]) -> str:
    """One message for all busy ports, with the ways out."""
    lines = [line(one, holder(one.port)) for one in busy]
    lines += [AIRPLAY.format(port=one.port) for one in busy if airplay(one.port)]
    lines.append(
        "Stop what is in the way, or use `acme up --auto-ports` (the next free ports) or"
        " `acme up --port-base 15000` (a block of ports of your own)."
    )
    return "\n".join(lines)


def line(busy: Busy, held_by: str) -> str:
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
