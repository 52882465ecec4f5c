"""Assembles lens: one store, and the routes that fill it and show it."""

from urllib.parse import urlsplit

from anyio import to_thread
from fastapi import FastAPI

from lens.routes import api, otlp, pages
from lens.routes.hosts import LocalHosts
from lens.routes.jaeger import v1, v3
from lens.store import TraceStore
from shared.service import Runtime, create_service
from shared.settings import LensSettings


def create_app(runtime: Runtime[LensSettings]) -> FastAPI:
    """lens, the same on the port of its pages and on the port that takes OTLP."""
    settings = runtime.settings
    store = TraceStore(
        settings.data / "lens.sqlite",
        max_traces=settings.max_traces,
        max_mb=settings.max_mb,
    )
    runtime.stopping(store.end_waits)
    runtime.closing(lambda: to_thread.run_sync(store.close))
    app = create_service(
        "lens",
        runtime,
        otlp.routes(store),
        v1.routes(store),
        v3.routes(store),
        api.routes(store),
        pages.routes(store),
    )
    app.add_middleware(LocalHosts, bound=settings.host, others=names_of(settings))
    return app


def names_of(settings: LensSettings) -> frozenset[str]:
    """The names under which the other services look for lens."""
    name = urlsplit(settings.urls.get("lens", "")).hostname
    return frozenset([name]) if name else frozenset()
