"""What another service's answer means, when it is no success."""

import json

from shared.errors import REFUSALS, ShopError, UpstreamError


def meaning_of(peer: str, status: int, body: bytes) -> ShopError:
    """The error to raise for an answer that is no success; a client error keeps its `detail`."""
    meaning, detail, plainly = REFUSALS.get(status), detail_of(body), f"{peer} answered {status}"
    if meaning is not None:
        return meaning(detail or plainly)
    return UpstreamError(plainly, status, detail)


def detail_of(body: bytes) -> str:
    """The `detail` of a JSON error body; empty when the body is something else."""
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    return str(told.get("detail", "")) if isinstance(told, dict) else ""
