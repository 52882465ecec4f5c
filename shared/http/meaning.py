"""What another service's answer means, when it is no success."""

import json

from shared.errors import (
    BadRequest,
    Conflict,
    DeadlineExceeded,
    Forbidden,
    NotFound,
    PaymentRequired,
    ShopError,
    Unauthorized,
    Unavailable,
    UpstreamError,
)

MEANINGS: dict[int, type[ShopError]] = {
    400: BadRequest,
    401: Unauthorized,
    402: PaymentRequired,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
}
PASSED_ON: dict[int | None, type[ShopError]] = {503: Unavailable, 504: DeadlineExceeded}


def meaning_of(peer: str, status: int, body: bytes) -> ShopError:
    """The error to raise for an answer that is no success; a client error keeps its `detail`."""
    meaning, detail, plainly = MEANINGS.get(status), detail_of(body), f"{peer} answered {status}"
    if meaning is not None:
        return meaning(detail or plainly)
    return UpstreamError(plainly, status, detail)


def passed_on(error: UpstreamError) -> ShopError:
    """The error to raise by a service that only passes on what another one says of those behind
    it; `error` itself when it says nothing.
    """
    if not error.detail:
        return error
    return PASSED_ON.get(error.answered, UpstreamError)(error.detail)


def detail_of(body: bytes) -> str:
    """The `detail` of a JSON error body; empty when the body is something else."""
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    return str(told.get("detail", "")) if isinstance(told, dict) else ""
