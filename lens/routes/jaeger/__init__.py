"""Jaeger's two HTTP query APIs, so that its UI, Grafana and scripts find what they know."""

from lens.routes.jaeger import v1, v3

__all__ = ["v1", "v3"]
