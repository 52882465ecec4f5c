"""What the tests of what all services share have in common."""

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.telemetry import global_providers


@pytest.fixture(autouse=True, scope="session")
def _global_providers() -> None:
    """As in every process that runs a service: the API records with the service at work."""
    global_providers.install()


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()
