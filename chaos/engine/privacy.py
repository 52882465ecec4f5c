"""Whose failures are nobody else's: what is aimed at a person must not reach the others."""

from collections.abc import Iterable
from hashlib import blake2b

from opentelemetry import baggage

from chaos.engine.active import Active
from chaos.engine.where import Match
from shared.session import SESSION, USER

Whom = tuple[tuple[str, str], ...]


def whom(match: Match) -> Whom:
    """What the baggage says of those whom it is about."""
    named = {SESSION: match.session, USER: match.user}
    wanted = match.baggage | {name: value for name, value in named.items() if value is not None}
    return tuple(sorted(wanted.items()))


def key_of_whom(aimed: Iterable[tuple[Active, Whom]]) -> str:
    """A key of whoever of them the request in hand is about; "" when it is nobody."""
    said = baggage.get_all()
    session = said.get(SESSION)
    found = {
        wanted
        for active, wanted in aimed
        if (active.session is None or active.session == session)  # most are others'
        and all(said.get(name) == value for name, value in wanted)
        and active.is_there()
    }
    if not found:
        return ""
    text = "\x1f".join(f"{name}={value}" for wanted in sorted(found) for name, value in wanted)
    return blake2b(text.encode(), digest_size=8).hexdigest()
