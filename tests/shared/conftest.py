"""What the tests of what all services share have in common."""

import logging
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.telemetry import global_providers
from shared.telemetry.logs import CAUSED_BY_CALLERS


@pytest.fixture(autouse=True, scope="session")
def _global_providers() -> None:
    """As in every process that runs a service: the API records with the service at work."""
    global_providers.install()


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """`logs.configure` is for a whole process, which here is that of all tests."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    filters = {name: logging.getLogger(name).filters[:] for name in CAUSED_BY_CALLERS}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in filters.items():
        logging.getLogger(name).filters[:] = before
