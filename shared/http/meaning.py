"""What another service's answer means, when it is no success."""

import json

from shared.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    ShopError,
    Unauthorized,
    UpstreamError,
)

MEANINGS: dict[int, type[ShopError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
}


def meaning_of(peer: str, status: int, body: bytes) -> ShopError:
    """The error to raise for an answer that is no success; a client error keeps its `detail`."""
    meaning = MEANINGS.get(status)
    if meaning is not None:
        return meaning(detail_of(body) or f"{peer} answered {status}")
    return UpstreamError(f"{peer} answered {status}")


def detail_of(body: bytes) -> str:
    """The `detail` of a JSON error body; empty when the body is something else."""
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    return str(told.get("detail", "")) if isinstance(told, dict) else ""
