"""Whose request it is, as it is said in baggage to all services that are called because of it."""

import hmac
from collections.abc import Mapping
from hashlib import blake2b

OURS = "acmeshop."
SESSION, STEP, USER = "session.id", "acmeshop.step", "user.id"
TENANT, PLAN, SEAL = "acmeshop.tenant", "acmeshop.plan", "acmeshop.seal"
TIER = "customer.tier"
SESSION_ID = r"[a-z0-9-]{4,40}"  # of one browser's clicks
EU_SHARE = 0.25


def is_ours(name: str) -> bool:
    return name.startswith(OURS) or name in {SESSION, USER, TIER}


def tenant_of(session: str) -> str:
    """Where a session is at home: a quarter of them in the EU, always the same ones."""
    digest = blake2b(f"tenant\x1f{session}".encode(), digest_size=8, key=b"0").digest()
    return "eu" if int.from_bytes(digest, "big") / 2**64 < EU_SHARE else "us"


def sealed(members: Mapping[str, str], secret: str) -> dict[str, str]:
    """The members with a seal, by which one service knows that another one wrote them."""
    return {**members, SEAL: seal_of(members, secret)} if secret else dict(members)


def is_sealed(members: Mapping[str, str], secret: str) -> bool:
    if not secret or SEAL not in members:
        return False
    rest = {name: value for name, value in members.items() if name != SEAL}
    return hmac.compare_digest(members[SEAL].encode(), seal_of(rest, secret).encode())


def seal_of(members: Mapping[str, str], secret: str) -> str:
    text = "\x1f".join(f"{name}={members[name]}" for name in sorted(members))
    return hmac.digest(secret.encode(), text.encode(), "sha256").hex()
