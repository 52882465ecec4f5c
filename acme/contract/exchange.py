"""One request and what came of it."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from acme.connection import connection_to

LONGEST = 200


class NoAnswer(Exception):
    """There was none in time; the message says why."""


@dataclass(frozen=True)
class Request:
    """`body` is sent as JSON, bytes as they are."""

    path: str
    method: str = "GET"
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def with_headers(self, headers: Mapping[str, str]) -> "Request":
        return replace(self, headers={**self.headers, **headers})


@dataclass(frozen=True)
class Reply:
    """What was answered, and how many seconds after the request was sent."""

    status: int
    content_type: str
    body: bytes
    seconds: float

    @property
    def excerpt(self) -> str:
        text = self.body.decode(errors="replace").strip()
        return f"{text[:LONGEST]}..." if len(text) > LONGEST else text


def send(url: str, request: Request, deadline: float) -> Reply:
    """The whole answer of the service at `url`. Raises NoAnswer."""
    where = urlsplit(url)
    headers, body = {"accept": "application/json", **request.headers}, None
    if request.body is not None:
        given = isinstance(request.body, bytes)
        body = request.body if given else json.dumps(request.body).encode()
        headers["content-type"] = "application/json"
    begun = time.monotonic()
    connection = connection_to(where, deadline)
    try:
        connection.request(request.method, where.path.rstrip("/") + request.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
    except TimeoutError:
        raise NoAnswer(f"it did not answer within {deadline:g} s") from None
    except (OSError, HTTPException) as error:
        raise NoAnswer(str(error) or type(error).__name__) from None
    finally:
        connection.close()
    taken = time.monotonic() - begun
    return Reply(answer.status, answer.headers.get_content_type(), content, taken)
