"""FastAPI's own telemetry makes the spans of requests; it knows no others, so that those of calls
and stores stay the shop's.
"""

from collections.abc import MutableMapping
from typing import Any

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from shared.instrumentation.beside import BesideTheSpan
from shared.instrumentation.manual import Manual
from shared.telemetry.routing import Routes
from shared.telemetry.server import UNTRACED


class Native(Manual):
    """As FastAPI's telemetry is by default: a SERVER span, and inside a span for the dependencies,
    the endpoint and the serialization.
    """

    _routes = Routes([])

    def fastapi(self) -> TelemetryConfig:
        return {
            "tracer_provider": self.ours.tracer_provider,
            "meter_provider": self.ours.meter_provider,
            "logs": False,  # whose exceptions are on our lines
            "exclude": self._is_left_out,
        }

    def requests(self, app: FastAPI, routes: Routes) -> None:
        self._routes = routes
        app.add_middleware(BesideTheSpan, telemetry=self.ours, routes=routes)

    def _is_left_out(self, scope: MutableMapping[str, Any]) -> bool:
        return scope["path"] in UNTRACED or self._routes.is_silent(scope)
