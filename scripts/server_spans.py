"""What the SERVER span of a request costs: none, ours, FastAPI's own, and that of the package
opentelemetry-instrumentation-fastapi, side by side.

Prints microseconds of CPU a request, the median of rounds in which each is measured in turn.
See docs/adr: the decision that rests on it says what was measured.
"""

import asyncio
import time
from statistics import median
from typing import Literal

from fastapi import APIRouter, FastAPI
from fastapi.telemetry import TelemetryConfig
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from starlette.types import ASGIApp, Message, Scope

from shared.settings import OrdersSettings, TelemetrySettings
from shared.settings.environment import set_default
from shared.telemetry.provider import Telemetry
from shared.telemetry.server import ServerSpans

ROUNDS, REQUESTS = 15, 2_000
OFF: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
SCOPE: Scope = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/order/12345",
    "raw_path": b"/order/12345",
    "query_string": b"user=guest",
    "root_path": "",
    "headers": [
        (b"host", b"orders.test"),
        (b"user-agent", b"measure"),
        (b"traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    ],
    "server": ("orders.test", 80),
    "client": ("127.0.0.1", 1),
}


def bare(telemetry: TelemetryConfig = OFF) -> FastAPI:
    app, router = FastAPI(telemetry=telemetry), APIRouter()

    @router.get("/order/{order_id}")
    async def read_order(order_id: str) -> dict[str, str]:
        return {"id": order_id}

    app.router.routes.extend(router.routes)
    return app


def with_ours(provider: TracerProvider) -> FastAPI:
    settings = OrdersSettings(telemetry=TelemetrySettings(disabled=True))
    telemetry = Telemetry.open(settings)
    telemetry.tracer_provider = provider
    app = bare()
    app.add_middleware(ServerSpans, telemetry=telemetry)
    return app


def with_fastapis(provider: TracerProvider, *, operations: bool) -> FastAPI:
    return bare(
        {
            "tracer_provider": provider,
            "operation_spans": operations,
            "metrics": False,
            "logs": False,
        }
    )


def with_package(provider: TracerProvider, *leaving_out: Literal["receive", "send"]) -> FastAPI:
    app = bare()
    FastAPIInstrumentor.instrument_app(
        app,
        tracer_provider=provider,
        meter_provider=NoOpMeterProvider(),
        exclude_spans=[*leaving_out],
    )
    return app


async def requests(app: ASGIApp) -> float:
    """Microseconds of CPU a request."""

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_: Message) -> None:
        pass

    began = time.process_time()
    for _ in range(REQUESTS):
        await app(dict(SCOPE), receive, send)
    return (time.process_time() - began) / REQUESTS * 1e6


def main() -> None:
    set_default("OTEL_SEMCONV_STABILITY_OPT_IN", "http")
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SpanProcessor())  # what is measured is the making of spans
    apps = {
        "no span": bare(),
        "ours": with_ours(provider),
        "FastAPI's, SERVER span alone": with_fastapis(provider, operations=False),
        "FastAPI's, as it is by default": with_fastapis(provider, operations=True),
        "the package's, SERVER span alone": with_package(provider, "receive", "send"),
        "the package's, as it is by default": with_package(provider),
    }
    measured: dict[str, list[float]] = {name: [] for name in apps}
    for _ in range(ROUNDS):
        for name, app in apps.items():
            measured[name].append(asyncio.run(requests(app)))
    for name, rounds in measured.items():
        print(f"{name:34} {median(rounds):6.0f} us")


if __name__ == "__main__":
    main()
