"""Who may say whose session a request is of: the storefront, and outsiders where allowed."""

from starlette.types import ASGIApp, Receive, Scope, Send

from shared.edge import drop_internal_headers, going_on, own_baggage
from shared.session import PLAN, SEAL, SESSION, TENANT, TIER, is_sealed, tenant_of

HEADER = b"x-acmeshop-plan"


class Edge:
    """ASGI middleware, inside of the SERVER span. Baggage is trusted from everybody if `trusting`,
    or else if it is sealed with the `secret` that the storefront knows, too.
    """

    def __init__(self, app: ASGIApp, *, trusting: bool, secret: str) -> None:
        self._app, self._trusting, self._secret = app, trusting, secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = own_baggage()
        members = self._trusted(scope, given)
        if not members:
            drop_internal_headers(scope)
        if given or members:
            with going_on(members):
                await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _trusted(self, scope: Scope, given: dict[str, str]) -> dict[str, str]:
        if not self._trusting and not is_sealed(given, self._secret):
            return {}
        if self._trusting and (plan := plan_of(scope)):
            given = {**given, PLAN: plan}
        # The tier is what auth says, whoever says another one.
        members = {name: value for name, value in given.items() if name not in {SEAL, TIER}}
        if SESSION in members:
            members.setdefault(TENANT, tenant_of(members[SESSION]))
        return members


def plan_of(scope: Scope) -> str:
    found = (value for name, value in scope["headers"] if name == HEADER)
    return next(found, b"").decode("latin-1")
