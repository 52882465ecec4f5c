"""OTLP over HTTP: how spans and logs arrive."""

from lens.routes.otlp.receiver import routes

__all__ = ["routes"]
