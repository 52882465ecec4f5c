"""Assembles lens: one store, and the routes that fill it and show it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from lens.domain.hints import Hints
from lens.domain.tail import TailPolicy
from lens.routes import api, health, importing, otlp, pages, sampling, zipkin
from lens.routes.jaeger import v1, v3
from lens.store import TraceStore
from shared import answers, slashes
from shared.gate import Gate
from shared.hosts import KnownHosts
from shared.openapi import Application

# What watches others is not watched itself: its spans would be among theirs.
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}


# Where programs send what they have, under whatever name lens has for them.
INTAKE = frozenset({"/v1/traces", "/v1/logs", "/v1/metrics", "/api/v2/spans"})


@dataclass(frozen=True, slots=True)
class Options:
    """`data` is the folder of the traces' file. `host` is the address that lens listens on, `names`
    are those under which it answers beside localhost and the address that it is reached at, and
    `name_setting` is how a user gives it another one. Pages name `otlp` and `otlp_grpc` as the
    addresses for spans over HTTP and gRPC, and `example` as one that makes a first trace when it is
    opened; the last two may be empty. Remote samplers are answered on `sampling_port`, which is 0
    where none is open for them. `hints` say where the code of the programs is.
    where none is open for them. The `tail` says which traces are kept, if not all.
    """

    data: Path
    host: str = "127.0.0.1"
    names: frozenset[str] = field(default_factory=frozenset)
    name_setting: str = "--allow-host "
    max_traces: int = 20_000
    max_mb: int = 256
    otlp: str = "http://127.0.0.1:4318"
    otlp_grpc: str = ""
    example: str = ""
    sampling_port: int = 0
    hints: Hints = field(default_factory=Hints)
    tail: TailPolicy | None = None


def open_store(options: Options) -> TraceStore:
    """The store of these options; whoever opens it closes it."""
    return TraceStore(
        options.data / "lens.sqlite",
        max_traces=options.max_traces,
        max_mb=options.max_mb,
        tail=options.tail,
    )


@contextmanager
def taking_grpc(store: TraceStore, host: str, port: int | None) -> Iterator[None]:
    """Takes OTLP over gRPC on this port, if one is given; raises OSError if it is not free."""
    if port is None:
        yield
        return
    from lens.routes.otlp.grpc_server import GrpcServer  # noqa: PLC0415 - heavy

    with closing(GrpcServer(store.intake, host, port)):
        yield


def create_app(store: TraceStore, options: Options) -> FastAPI:
    """lens over this store, the same on the port of its pages and on the port that takes OTLP. On
    the port for remote samplers it is what Jaeger is there.
    """
    app = Application(
        title="lens", description="Keeps traces and shows them", telemetry=NO_TELEMETRY
    )
    for router in (
        otlp.routes(store),
        v1.routes(store),
        v3.routes(store),
        api.routes(store),
        importing.routes(store),
        zipkin.routes(store),
        sampling.routes(store),
        pages.routes(
            store,
            otlp=options.otlp,
            otlp_grpc=options.otlp_grpc,
            sampling_port=options.sampling_port,
            example=options.example,
            hints=options.hints,
        ),
        health.routes(),
    ):
        app.router.routes.extend(router.routes)
    answers.install(app)
    slashes.install(app)
    if options.sampling_port:
        there = sampling.remote_sampling(store.strategies)
        app.add_middleware(sampling.OnPort, port=options.sampling_port, there=there)
    app.add_middleware(
        Gate,
        hosts=KnownHosts({options.host, *options.names}),
        media=None,
        for_programs=INTAKE,
        setting=options.name_setting,
    )
    return app
