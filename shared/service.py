"""The one way a service is put together."""

from collections.abc import Callable, Collection
from typing import Annotated

from fastapi import APIRouter, Header, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from shared import __version__, answers, slashes
from shared.access import AccessLog
from shared.contracts.answer import Health
from shared.errors import Unavailable
from shared.gate import JSON, Gate
from shared.hooks import Hooks
from shared.hosts import KnownHosts
from shared.limit import BodyLimit
from shared.openapi import Application
from shared.runtime import Runtime
from shared.telemetry.decorator import is_silent
from shared.telemetry.metrics.prometheus import Exposition
from shared.telemetry.recorded_headers import RecordedHeaders
from shared.telemetry.routing import Routes
from shared.topology import BY_NAME

__all__ = ["Edge", "Runtime", "create_service"]

Edge = Callable[[ASGIApp, Routes], ASGIApp]


def create_service(
    name: str,
    runtime: Runtime,
    *routers: APIRouter,
    edge: Edge | None = None,
    media: Collection[str] = (JSON,),
) -> Application:
    """A service out of its routes: SERVER spans, hooks, errors as JSON and health come with it.

    `edge` is for where requests of outsiders arrive: it is inside of the SERVER span, where the
    baggage is known, and around the routes. `media` are the types of a body that are taken.
    """
    app = Application(
        title=f"AcmeShop {name}",
        description=BY_NAME[name].is_,
        version=__version__,
        telemetry=runtime.instrumentation.fastapi(),
    )
    routes = [route for router in routers for route in router.routes]
    for route in routes:
        # What is not traced has no hooks: nobody could see what they did.
        if isinstance(route, Route) and not is_silent(route.endpoint):
            route.app = runtime.hooks.route(route.app, route.path, route.methods or ())
    # Not include_router: it would hide each route, and the span's name with it, behind its own.
    app.router.routes.extend(routes)
    app.router.routes.extend(health(name, runtime.hooks).routes)
    if (collect := runtime.telemetry.metrics.collect) is not None:
        app.router.routes.extend(metrics(Exposition(collect)).routes)
    answers.install(app)
    slashes.install(app)
    traced = BY_NAME[name].traced
    routing = Routes(app.router.routes)
    if traced:
        app.add_middleware(BodyLimit)
        if edge is not None:
            app.add_middleware(edge, routing)
        app.add_middleware(Gate, hosts=KnownHosts(runtime.settings.names), media=media)
    if runtime.settings.access_log:
        app.add_middleware(AccessLog)
    if runtime.telemetry.records_headers:
        app.add_middleware(RecordedHeaders, propagator=runtime.telemetry.propagator)
    if traced:
        runtime.instrumentation.requests(app, routing)
    return app


def health(name: str, hooks: Hooks) -> APIRouter:
    """`/healthz` says that the process is alive and calls nobody; `/readyz`: it takes requests."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def alive() -> Health:
        return Health(service=name, status="alive")

    @router.get("/readyz")
    async def ready() -> Health:
        if not hooks.is_ready():
            raise Unavailable(f"{name} is not ready")
        return Health(service=name, status="ready")

    return router


def metrics(exposition: Exposition) -> APIRouter:
    """`/metrics` is what Prometheus scrapes: neither traced nor faulted, like the health checks."""
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    def expose(accept: Annotated[str, Header()] = "") -> Response:
        content, content_type = exposition.text(accept)
        return Response(content, media_type=content_type)

    return router
