"""Which route a request will take, for what must be known before it is routed."""

from collections.abc import Sequence

from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from shared.telemetry.decorator import is_silent


class Routes:
    """A service's routes, matched in their order, as the router will match them."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes = routes

    def route_of(self, scope: Scope) -> Route | None:
        """The route the request will take; None when it will take none."""
        for route in self._routes:
            if route.matches(scope)[0] is Match.FULL:
                return route if isinstance(route, Route) else None
        return None

    def template_of(self, scope: Scope) -> str | None:
        """The path template of the request's route, as in `/orders/{order_id}`."""
        route = self.route_of(scope)
        return route.path if route is not None else None

    def silent(self) -> list[str]:
        """The path templates of the silent routes."""
        routes = (route for route in self._routes if isinstance(route, Route))
        return [route.path for route in routes if is_silent(route.endpoint)]

    def any_silent(self) -> bool:
        return bool(self.silent())

    def is_silent(self, scope: Scope) -> bool:
        """Whether the request's handler carries `@Trace(disable_tracing=True)`."""
        route = self.route_of(scope)
        return route is not None and is_silent(route.endpoint)
