"""OpenTelemetry's packages make the spans: opentelemetry-instrumentation-fastapi, -httpx, -redis,
-pymongo, -sqlite3 and -logging, of the extra `auto`.

`opentelemetry-instrument` replaces classes and functions of the libraries in the whole process.
Here the packages are given the objects instead, where they take any: a process may have many
services, and each its own providers.
"""

import logging
import re
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.trace import NoOpTracerProvider, Span

from shared.instrumentation.beside import BesideTheSpan
from shared.instrumentation.who import Suppress
from shared.settings import Otlp
from shared.settings.environment import set_default
from shared.telemetry.metrics.provider import Metrics
from shared.telemetry.provider import Telemetry
from shared.telemetry.redaction import redacted_url
from shared.telemetry.routing import Routes
from shared.telemetry.sdk_exporters import sdk_log_exporter
from shared.telemetry.server import UNTRACED
from shared.transport import Transport

# Without it the packages write names of attributes from before the conventions were stable.
set_default("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")

# ruff: noqa: E402 - the packages may look for it when they are imported
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.httpx import AsyncOpenTelemetryTransport, RequestInfo
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.instrumentation.pymongo import PymongoInstrumentor
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.instrumentation.sqlite3 import SQLite3Instrumentor
from opentelemetry.instrumentation.utils import suppress_instrumentation

if TYPE_CHECKING:
    from redis.asyncio import Redis

PLACEHOLDER = re.compile(r"\{\w+(:path)?\}")


class Auto:
    """Each package at its place; ours makes no spans of calls and stores, so that there is one."""

    suppress: Suppress = staticmethod(suppress_instrumentation)

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry, self._provider = telemetry, telemetry.tracer_provider
        self.ours = replace(telemetry, tracer_provider=NoOpTracerProvider(), metrics=Metrics.off())
        self._apps: list[FastAPI] = []
        self._mongo: PymongoInstrumentor | None = None

    def fastapi(self) -> TelemetryConfig:
        """Off: the package makes the SERVER span."""
        return {"tracing": False, "metrics": False, "logs": False}

    def requests(self, app: FastAPI, routes: Routes) -> None:
        app.add_middleware(BesideTheSpan, telemetry=self._telemetry, routes=routes)
        FastAPIInstrumentor.instrument_app(
            app,
            tracer_provider=self._provider,
            meter_provider=self._telemetry.meter_provider,
            excluded_urls=excluded([*sorted(UNTRACED), *routes.silent()]),
        )
        self._apps.append(app)

    def calls(self, wire: Transport) -> Transport:
        meters = self._telemetry.meter_provider
        return AsyncOpenTelemetryTransport(wire, self._provider, meters, keep_secrets)

    def sqlite(self, database: sqlite3.Connection) -> sqlite3.Connection:
        return SQLite3Instrumentor.instrument_connection(database, self._provider)

    def redis(self, client: "Redis") -> None:
        RedisInstrumentor.instrument_client(client, self._provider)

    def mongo(self) -> None:
        """Of the whole process, as pymongo has it; the global provider finds the service."""
        self._mongo = PymongoInstrumentor()
        self._mongo.instrument()

    def log_handler(self, otlp: Otlp) -> logging.Handler | None:
        provider = LoggerProvider(self._telemetry.resource, shutdown_on_exit=False)
        provider.add_log_record_processor(BatchLogRecordProcessor(sdk_log_exporter(otlp)))
        self._telemetry.on_close.append(provider.shutdown)
        return LoggingHandler(logger_provider=provider)

    def close(self) -> None:
        for app in self._apps:  # which had the class of background tasks replaced, too
            FastAPIInstrumentor.uninstrument_app(app)
        if self._mongo is not None:
            self._mongo.uninstrument()


async def keep_secrets(span: Span, request: RequestInfo) -> None:
    """Of the secrets that may be in an address, the package knows a few."""
    span.set_attribute("url.full", redacted_url(str(request.url)))


def excluded(templates: list[str]) -> str:
    """A pattern for each path template; the package looks for them in the whole URL."""
    return ",".join(f"://[^/]+{PLACEHOLDER.sub(any_value, path)}$" for path in templates)


def any_value(placeholder: re.Match[str]) -> str:
    return ".+" if placeholder[1] else "[^/]+"
