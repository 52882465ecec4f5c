"""The shop's own instrumentation: `ServerSpans`, `Peer` and `database_call` make the spans."""

import logging
import sqlite3
from contextlib import nullcontext
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from shared.instrumentation.who import Suppress
from shared.settings import Otlp
from shared.telemetry.provider import Telemetry
from shared.telemetry.routing import Routes
from shared.telemetry.server import ServerSpans
from shared.transport import Transport

if TYPE_CHECKING:
    from redis.asyncio import Redis


class Manual:
    """Nothing is to be added: what is asked for here makes its spans itself."""

    suppress: Suppress = nullcontext

    def __init__(self, telemetry: Telemetry) -> None:
        self.ours = telemetry

    def fastapi(self) -> TelemetryConfig:
        """Off: it would wake up with the global provider, and make a second SERVER span."""
        return {"tracing": False, "metrics": False, "logs": False}

    def requests(self, app: FastAPI, routes: Routes) -> None:
        app.add_middleware(
            ServerSpans,
            telemetry=self.ours,
            silent=routes.is_silent if routes.any_silent() else None,
            template=routes.template_of if self.ours.needs_name else None,
        )

    def calls(self, wire: Transport) -> Transport:
        return wire

    def sqlite(self, database: sqlite3.Connection) -> sqlite3.Connection:
        return database

    def redis(self, client: "Redis") -> None:
        """Nothing."""

    def mongo(self) -> None:
        """Nothing."""

    def log_handler(self, otlp: Otlp) -> logging.Handler | None:  # noqa: ARG002
        return None

    def close(self) -> None:
        """Nothing."""
