"""The envelope around everything Jaeger's first API answers, errors included."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from fastapi import Request, Response

from services.lens.routes.answers import json_response
from services.lens.routes.otlp_body import Refused
from services.lens.routes.parameters import BadParameter

Handler = Callable[[Request], Awaitable[Response]]


def answered(handler: Handler) -> Handler:
    """Answers a parameter or body that cannot be used in Jaeger's own shape."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except BadParameter as error:
            return failure(400, str(error))
        except Refused as refused:
            return failure(refused.status, str(refused))

    return answer


def body(data: Any, *, total: int = 0, errors: list[Any] | None = None) -> dict[str, Any]:
    return {"data": data, "total": total, "limit": 0, "offset": 0, "errors": errors}


def envelope(request: Request, data: Any, *, total: int = 0) -> Response:
    return json_response(body(data, total=total), pretty=pretty(request))


def failure(status: int, message: str) -> Response:
    return json_response(body(None, errors=[{"code": status, "msg": message}]), status)


def pretty(request: Request) -> bool:
    return request.query_params.get("prettyPrint", "false") not in ("", "false")
