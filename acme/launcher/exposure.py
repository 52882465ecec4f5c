"""Who can reach what: one line at the start, since a shop in a classroom is opened on purpose, and
one on a train is not.
"""

from collections.abc import Sequence

from shared.origin import is_local
from shared.settings import FrontendSettings, ServiceSettings, UsersSettings
from shared.topology import BY_NAME

PUBLISHED: str = UsersSettings.model_fields["demo_password"].default


def exposure(settings: Sequence[ServiceSettings]) -> str:
    """What of these services is open to whom, and whether the demo users' password is known to
    everybody.
    """
    return f"{reach(settings)}{password(settings)}"


def reach(settings: Sequence[ServiceSettings]) -> str:
    out = [one for one in settings if not is_local(one.address)]
    inside = [one for one in settings if is_local(one.address)]
    if not out:
        return f"open to this machine alone ({inside[0].address})"
    to_others = f"open to other machines ({out[0].address}): {listed(out)}"
    if inside:
        return f"{to_others}; to this machine alone: {listed(inside)}"
    if any(not BY_NAME[one.service].pages for one in out):
        return f"{to_others}; but for gateway and chaos they trust every caller (ACME_EXPOSE=all)"
    return to_others


def password(settings: Sequence[ServiceSettings]) -> str:
    readers = (one for one in settings if isinstance(one, UsersSettings | FrontendSettings))
    if any(one.demo_password == PUBLISHED for one in readers):
        return "; the demo users' password is a published one, DEMO_PASSWORD sets another"
    return ""


def listed(settings: Sequence[ServiceSettings]) -> str:
    names = [one.service for one in settings]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
