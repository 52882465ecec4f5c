"""A connection to a service, with the standard library alone."""

from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import SplitResult


def connection_to(where: SplitResult, patience: float) -> HTTPConnection:
    """Opened by its first request; each step of that may take `patience` seconds."""
    kind = HTTPSConnection if where.scheme == "https" else HTTPConnection
    return kind(where.hostname or "", where.port, timeout=patience)
