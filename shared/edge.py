"""Where requests of outsiders arrive: what they say of themselves is not trusted, unless the shop
is set to trust it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import baggage
from opentelemetry import context as otel
from opentelemetry.trace import get_current_span
from starlette.types import Scope

from shared.session import SESSION, TENANT, TIER, is_ours
from shared.telemetry.baggage import with_members

INTERNAL = b"x-acmeshop-"
CLIENT = "x-acmeshop-client"  # the address of the person for whom a service calls
ON_SPANS = (SESSION, TENANT)


def own_baggage() -> dict[str, str]:
    """The members of the current baggage whose names are the shop's."""
    return {name: str(value) for name, value in baggage.get_all().items() if is_ours(name)}


@contextmanager
def going_on(members: Mapping[str, str]) -> Iterator[None]:
    """Has the request go on with these members and no others of the shop's; its span shows some."""
    context = otel.get_current()
    for name in own_baggage():
        context = baggage.remove_baggage(name, context)
    context = with_members(members, context)
    span = get_current_span()
    for name in ON_SPANS:
        if name in members:
            span.set_attribute(name, members[name])
    token = otel.attach(context)
    try:
        yield
    finally:
        otel.detach(token)


def serve_as(tier: str) -> None:
    """Has the rest of this request go on as that of a customer of this tier; its span shows it."""
    otel.attach(with_members({TIER: tier}))
    get_current_span().set_attribute(TIER, tier)


def drop_internal_headers(scope: Scope) -> None:
    """Headers between services, which carry more than baggage, are not for outsiders to send."""
    if any(name.startswith(INTERNAL) for name, _ in scope["headers"]):
        scope["headers"] = [pair for pair in scope["headers"] if not pair[0].startswith(INTERNAL)]
