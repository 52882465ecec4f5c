"""JSON answers that are built off the event loop, as a trace may have thousands of spans."""

import json
from collections.abc import Callable
from typing import Any

from anyio import to_thread
from fastapi import Response


def json_response(content: Any, status: int = 200, *, pretty: bool = False) -> Response:
    separators = None if pretty else (",", ":")
    text = json.dumps(content, indent=4 if pretty else None, separators=separators)
    return Response(text, status, media_type="application/json")


async def built(build: Callable[[], Any], *, pretty: bool = False) -> Response:
    """The answer with what `build` returns."""
    return await to_thread.run_sync(lambda: json_response(build(), pretty=pretty))
