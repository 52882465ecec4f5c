"""Requests to a service, and to lens, with the standard library alone."""

import json
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, urlsplit

NO_HEADERS: Mapping[str, str] = {}


class Unreachable(Exception):
    """Nothing that is lens answers there."""


def connection_to(where: SplitResult, patience: float) -> HTTPConnection:
    """Opened by its first request; each step of that may take `patience` seconds."""
    kind = HTTPSConnection if where.scheme == "https" else HTTPConnection
    return kind(where.hostname or "", where.port, timeout=patience)


def exchange(
    url: str,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: Mapping[str, str] = NO_HEADERS,
    *,
    patience: float,
) -> tuple[int, dict[str, Any] | None]:
    """The status and the JSON object that a trace backend at `url` answers; None where it is none,
    as a page of Jaeger. Raises Unreachable.
    """
    where = urlsplit(url)
    connection = connection_to(where, patience)
    try:
        connection.request(method, where.path + path, body, dict(headers))
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, HTTPException) as error:
        raise unreachable(url, str(error) or type(error).__name__) from None
    finally:
        connection.close()
    try:
        document = json.loads(content)
    except ValueError:
        return answer.status, None
    return answer.status, document if isinstance(document, dict) else None


def unreachable(url: str, reason: str) -> Unreachable:
    return Unreachable(f"no lens answers at {url} ({reason}); start one, or name it with --url")
