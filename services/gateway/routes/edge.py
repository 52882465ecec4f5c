"""Who may say whose faults a request meets: the storefront, and outsiders where that is allowed."""

from starlette.types import ASGIApp, Receive, Scope, Send

from chaos.engine.edge import (
    PLAN,
    SEAL,
    TENANT,
    brought,
    forget_hop,
    going_on,
    is_sealed,
    tenant_of,
)
from chaos.engine.journey import SESSION

HEADER = b"x-acmeshop-plan"


class Edge:
    """ASGI middleware, inside of the SERVER span. `trusting` believes everybody; else it must be
    sealed with the `secret` that the storefront knows, too.
    """

    def __init__(self, app: ASGIApp, *, trusting: bool, secret: str) -> None:
        self._app, self._trusting, self._secret = app, trusting, secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = brought()
        members = self._believed(scope, said)
        if not members:
            forget_hop(scope)
        if said or members:
            with going_on(members):
                await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _believed(self, scope: Scope, said: dict[str, str]) -> dict[str, str]:
        if not self._trusting and not is_sealed(said, self._secret):
            return {}
        if self._trusting and (plan := plan_of(scope)):
            said = {**said, PLAN: plan}
        members = {name: value for name, value in said.items() if name != SEAL}
        if SESSION in members:
            members.setdefault(TENANT, tenant_of(members[SESSION]))
        return members


def plan_of(scope: Scope) -> str:
    found = (value for name, value in scope["headers"] if name == HEADER)
    return next(found, b"").decode("latin-1")
