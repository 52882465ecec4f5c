"""The bodies of requests."""

from typing import Any

from fastapi import Request

from chaos.control_plane.domain.reading import object_of, read_json


async def body_of(request: Request) -> dict[str, Any]:
    """The members of the JSON object that was sent; none when nothing was."""
    return object_of(read_json(await request.body()))


def taking(
    schema: dict[str, Any], example: Any = None, media: str = "application/json"
) -> dict[str, Any]:
    """What the API's own description says of a body that a route reads by itself."""
    content: dict[str, Any] = {"schema": schema}
    if example is not None:
        content["example"] = example
    return {"requestBody": {"content": {media: content}}}
