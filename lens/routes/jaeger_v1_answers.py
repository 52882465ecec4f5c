"""The envelope around everything Jaeger's first API answers, errors included."""

from typing import Any

from fastapi import Request, Response

from lens.routes.answers import answering, json_response


def body(data: Any, *, total: int = 0, errors: list[Any] | None = None) -> dict[str, Any]:
    return {"data": data, "total": total, "limit": 0, "offset": 0, "errors": errors}


def envelope(request: Request, data: Any, *, total: int = 0) -> Response:
    return json_response(body(data, total=total), pretty=pretty(request))


def failure(status: int, message: str) -> Response:
    return json_response(body(None, errors=[{"code": status, "msg": message}]), status)


def pretty(request: Request) -> bool:
    return request.query_params.get("prettyPrint", "false") not in ("", "false")


answered = answering(failure)
