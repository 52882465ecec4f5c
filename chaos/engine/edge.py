"""The edge of the shop: whose request it is, said in baggage to all that are called because of it.

What an outsider says of that is not believed, unless it may be.
"""

import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import baggage
from opentelemetry import context as otel
from opentelemetry.trace import get_current_span
from starlette.types import Scope

from chaos.engine.draw import draw
from chaos.engine.journey import HOP, SESSION, USER

OURS = "acmeshop."
PLAN, TENANT, SEAL = "acmeshop.plan", "acmeshop.tenant", "acmeshop.seal"
SHOWN = (SESSION, TENANT)
EU_SHARE = 0.25


def tenant_of(session: str) -> str:
    """Where a session is at home: a quarter of them in the EU, always the same ones."""
    return "eu" if draw(0, "tenant", session) < EU_SHARE else "us"


def brought() -> dict[str, str]:
    """What the request in hand says of itself, in words of ours."""
    return {name: str(value) for name, value in baggage.get_all().items() if is_ours(name)}


def is_ours(name: str) -> bool:
    return name.startswith(OURS) or name in {SESSION, USER}


@contextmanager
def going_on(members: Mapping[str, str]) -> Iterator[None]:
    """Has the request go on with these words and no others of ours; its span shows some."""
    context = otel.get_current()
    for name in brought():
        context = baggage.remove_baggage(name, context)
    for name, value in members.items():
        context = baggage.set_baggage(name, value, context)
    span = get_current_span()
    for name in SHOWN:
        if name in members:
            span.set_attribute(name, members[name])
    token = otel.attach(context)
    try:
        yield
    finally:
        otel.detach(token)


def forget_hop(scope: Scope) -> None:
    """What an outsider says about the calls that led here is forgotten."""
    name = HOP.encode()
    if any(key == name for key, _ in scope["headers"]):
        scope["headers"] = [pair for pair in scope["headers"] if pair[0] != name]


def sealed(members: Mapping[str, str], secret: str) -> dict[str, str]:
    """The words with a seal, by which one of ours knows that one of ours said them."""
    return {**members, SEAL: seal_of(members, secret)} if secret else dict(members)


def is_sealed(members: Mapping[str, str], secret: str) -> bool:
    if not secret or SEAL not in members:
        return False
    said = {name: value for name, value in members.items() if name != SEAL}
    return hmac.compare_digest(members[SEAL].encode(), seal_of(said, secret).encode())


def seal_of(members: Mapping[str, str], secret: str) -> str:
    text = "\x1f".join(f"{name}={members[name]}" for name in sorted(members))
    return hmac.digest(secret.encode(), text.encode(), "sha256").hex()
