"""Assembles lens: one store, and the routes that fill it and show it."""

from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from lens.routes import api, health, otlp, pages
from lens.routes.hosts import LocalHosts
from lens.routes.jaeger import v1, v3
from lens.store import TraceStore
from shared import answers

# What watches others is not watched itself: its spans would be among theirs.
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}


@dataclass(frozen=True, slots=True)
class Options:
    """`data` is the folder of the traces' file. `host` is the address that lens listens on, `names`
    are those under which it answers beside localhost. Pages name `otlp` as the address for spans,
    and `example`, if there is one, as an address that makes a first trace when it is opened.
    """

    data: Path
    host: str = "127.0.0.1"
    names: frozenset[str] = field(default_factory=frozenset)
    max_traces: int = 20_000
    max_mb: int = 256
    otlp: str = "http://127.0.0.1:4318"
    example: str = ""


def open_store(options: Options) -> TraceStore:
    """The store of these options; whoever opens it closes it."""
    return TraceStore(
        options.data / "lens.sqlite", max_traces=options.max_traces, max_mb=options.max_mb
    )


def create_app(store: TraceStore, options: Options) -> FastAPI:
    """lens over this store, the same on the port of its pages and on the port that takes OTLP."""
    app = FastAPI(title="lens", description="Keeps traces and shows them", telemetry=NO_TELEMETRY)
    for router in (
        otlp.routes(store),
        v1.routes(store),
        v3.routes(store),
        api.routes(store),
        pages.routes(store, otlp=options.otlp, example=options.example),
        health.routes(),
    ):
        app.router.routes.extend(router.routes)
    answers.install(app)
    app.add_middleware(LocalHosts, bound=options.host, others=options.names)
    return app
