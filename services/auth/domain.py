"""The rules of identity."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from shared.errors import Unauthorized

SESSION_SECONDS = 12 * 3600
REFRESH_SECONDS = 14 * 24 * 3600
ENDED = "this session has ended: log in again"
# The longest token there is has 43 characters; the alphabet is that of RFC 6750.
BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/-]{1,200}=*)")


@dataclass(frozen=True)
class User:
    """Who is calling, as far as the other services need to know."""

    id: str
    username: str
    name: str
    role: Literal["customer", "staff", "guest"]
    tier: Literal["guest", "standard", "gold"] = "standard"  # which earlier sessions did not keep


GUEST = User("guest", "guest", "Guest", "guest", "guest")


def bearer(headers: Sequence[str]) -> str | None:
    """The token of the Authorization headers of a request, None when there is no header; raises
    Unauthorized for what is no bearer token.
    """
    if not headers:
        return None
    found = BEARER.fullmatch(headers[0]) if len(headers) == 1 else None
    if found is None:
        raise Unauthorized("the Authorization header must be `Bearer` and a token")
    return found[1]


def digest(token: str) -> str:
    """What is kept of a token: who reads the keys of Redis cannot log in with them."""
    return sha256(token.encode()).hexdigest()
