"""The names under which a service answers.

A page of another site can have its own name resolve to this machine, and then read what is served
here as if it were its own (DNS rebinding). The name still stands in the Host header, so that a
service that answers to its own names alone cannot be read that way.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from shared.origin import is_local

HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s\[\]:/?#@\\%,]+)(?::[0-9]{0,5})?")
ANY, BELOW = "*", "*."
REMEMBERED = 256


class KnownHosts:
    """Which hosts a service answers to: this machine's loopback names, the address at which a
    connection arrived, and `names`. One of `names` may be `*.example.org`, for all names below
    example.org, or `*` for any.

    `0.0.0.0` and `::` are addresses to listen on, and no names: to browsers they are this machine.
    """

    def __init__(self, names: Iterable[str]) -> None:
        known = [normal(name) for name in names if name]
        self._any = ANY in known
        self._below = tuple(name[1:] for name in known if name.startswith(BELOW))
        self._names = frozenset(name for name in known if not is_unspecified(name))
        # Most requests name the same few; others may name what they like, so few are remembered.
        self.know = lru_cache(REMEMBERED)(self._know)

    def _know(self, host: str, arrived_at: str) -> bool:
        """Whether a Host header names us on a connection to this address."""
        name = name_of(host)
        return bool(name) and (
            self._any
            or is_local(name)
            or name in self._names
            or name.endswith(self._below)
            or (name == normal(arrived_at) and not is_unspecified(name))
        )


def name_of(host: str) -> str:
    """The name in a Host header, without its port, in the form in which names are compared; empty
    when it is none.
    """
    found = HOST.fullmatch(host)
    return normal(found[1]) if found else ""


def normal(name: str) -> str:
    """One form for each name: lower case, no brackets, no dot at the end, and IPv6 in its short
    form or, where it stands for IPv4, as that.
    """
    name = name.lower().removesuffix(".").removeprefix("[").removesuffix("]")
    try:
        address = ip_address(name)
    except ValueError:
        return name
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def is_unspecified(name: str) -> bool:
    try:
        return ip_address(name).is_unspecified
    except ValueError:
        return False
