"""JSON answers that are built off the event loop, as a trace may have thousands of spans."""

import json
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from anyio import to_thread
from fastapi import Request, Response

Handler = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """A request that is not taken; `status` is the HTTP status, the message says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class BadParameter(ValueError):
    """A parameter that cannot be used; the message names it."""


def json_response(content: Any, status: int = 200, *, pretty: bool = False) -> Response:
    separators = None if pretty else (",", ":")
    text = json.dumps(content, indent=4 if pretty else None, separators=separators)
    return Response(text, status, media_type="application/json")


async def built(build: Callable[[], Any], *, pretty: bool = False) -> Response:
    """The answer with what `build` returns."""
    return await to_thread.run_sync(lambda: json_response(build(), pretty=pretty))


def answering(failure: Callable[[int, str], Response]) -> Callable[[Handler], Handler]:
    """A decorator of handlers: what cannot be used of a request is answered by `failure`, which
    gets a status and a sentence.
    """

    def answered(handler: Handler) -> Handler:
        @wraps(handler)
        async def answer(request: Request) -> Response:
            try:
                return await handler(request)
            except BadParameter as error:
                return failure(400, str(error))
            except Refused as refused:
                return failure(refused.status, str(refused))

        return answer

    return answered
