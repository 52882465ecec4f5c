"""What an instrumentation is asked for, each at the place where a span may be made."""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from shared.settings import Otlp
from shared.telemetry.provider import Telemetry
from shared.telemetry.routing import Routes
from shared.transport import Transport

if TYPE_CHECKING:
    from redis.asyncio import Redis

Suppress = Callable[[], AbstractContextManager[object]]


class Instrumentation(Protocol):
    """The instrumentation of one service.

    `ours` is what the shop's own code makes spans and measurements of calls and stores with; it
    makes none where somebody else does.
    """

    @property
    def ours(self) -> Telemetry: ...

    def fastapi(self) -> TelemetryConfig:
        """What FastAPI's own telemetry is to do."""

    def requests(self, app: FastAPI, routes: Routes) -> None:
        """Has the requests of `app` traced; to be called after all of its other middleware."""

    def calls(self, wire: Transport) -> Transport:
        """The wire to another service, with a span around each call if ours makes none."""

    def sqlite(self, database: sqlite3.Connection) -> sqlite3.Connection:
        """The same for each statement of a database."""

    def redis(self, client: "Redis") -> None:
        """The same for each command of a client."""

    def mongo(self) -> None:
        """The same for the clients that are made from now on."""

    @property
    def suppress(self) -> Suppress:
        """What is around commands that leave no span."""

    def log_handler(self, otlp: Otlp) -> logging.Handler | None:
        """What exports log lines, if it is not ours."""

    def close(self) -> None:
        """Takes back what was done to the whole process."""
