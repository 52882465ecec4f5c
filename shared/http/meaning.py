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
from shared.transport import Response

MEANINGS: dict[int, type[ShopError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
}


def meaning_of(peer: str, response: Response) -> ShopError:
    """The error to raise for a response that is no success; a client error keeps its `detail`."""
    meaning = MEANINGS.get(response.status_code)
    if meaning is not None:
        return meaning(detail_of(response) or f"{peer} answered {response.status_code}")
    return UpstreamError(f"{peer} answered {response.status_code}")


def detail_of(response: Response) -> str:
    """The `detail` of a JSON error body; empty when the body is something else."""
    try:
        body = json.loads(response.content)
    except ValueError:
        return ""
    return str(body.get("detail", "")) if isinstance(body, dict) else ""
