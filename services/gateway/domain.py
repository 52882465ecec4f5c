"""The rules of who may do what."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from shared.errors import BadRequest, Forbidden, Unauthorized

LONGEST = 100
# So many logins may fail in a row, and one more in each so many seconds.
ALLOWED, SECONDS_EACH = 10, 10.0
TINY = 1e-6  # what rounding may leave
STAFF = "staff"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CLEAR = "/cart/clear/"
ID = re.compile(r"[0-9a-f]{24}")
# The alphabet of RFC 6750: nothing in it could end a header and begin another one.
TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{1,200}=*")
BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +(.*)")


@dataclass(frozen=True)
class User:
    """Who is calling, as auth says."""

    id: str
    role: str
    tier: str = "standard"


GUEST = User("guest", "guest", "guest")


def known(user: User) -> User:
    """The same user; raises Unauthorized for the guest."""
    if user.id == GUEST.id:
        raise Unauthorized("log in first")
    return user


def owner(user: User, user_id: str) -> User:
    """The same user, if it is the one with this id."""
    if not ID.fullmatch(user_id):
        shown = user_id[:LONGEST]
        raise BadRequest(f"userid: a user's id has 24 digits of 0-9 and a-f, unlike {shown!r}")
    if user.id != user_id:
        raise Forbidden(f"{user_id} is somebody else")
    return user


def staff(user: User) -> User:
    """The same user, if it is one of the staff."""
    if user.role != STAFF:
        raise Forbidden("this is for the staff only")
    return user


def token_in(authorization: Sequence[str], cookie: str) -> str:
    """The access token of a request, from its Authorization header or else from its cookie; empty
    when there is neither. Raises Unauthorized for what can be no token.
    """
    token = bearer(authorization) if authorization else cookie
    if (authorization or token) and not TOKEN.fullmatch(token):
        raise Unauthorized("this is no token: log in again")
    return token


def bearer(authorization: Sequence[str]) -> str:
    found = BEARER.fullmatch(authorization[0]) if len(authorization) == 1 else None
    if found is None:
        raise Unauthorized("the Authorization header must be `Bearer` and a token")
    return found[1]


def changes(method: str, path: str) -> bool:
    """Whether a request may change something. One GET does: it is the one that clears a cart."""
    return method not in SAFE or path.startswith(CLEAR)


@dataclass(frozen=True)
class Failures:
    """How many logins have failed by a time in seconds, of which one is forgotten every
    `SECONDS_EACH`.
    """

    count: float = 0.0
    at: float = 0.0

    def left(self, now: float) -> float:
        return max(0.0, self.count - (now - self.at) / SECONDS_EACH)

    def and_more(self, count: int, now: float) -> "Failures":
        return Failures(max(0.0, self.left(now) + count), now)


NO_FAILURES = Failures()


def wait(failures: Failures, now: float) -> float:
    """The whole seconds until one may try again; 0 when one may now."""
    over = failures.left(now) + 1 - ALLOWED
    return float(ceil(over * SECONDS_EACH - TINY)) if over > TINY else 0.0
