"""How a service answers when something went wrong: one shape of JSON, and never a word of its
inside.
"""

import logging
from collections.abc import Mapping
from math import ceil
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from opentelemetry import trace
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import BadRequest, ShopError, Unauthorized
from shared.tracebacks import without_hidden_frames

LONGEST = 100
KINDS = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}

log = logging.getLogger("acmeshop")


def install(app: FastAPI) -> None:
    """Has every error of the application answered from here."""
    app.add_exception_handler(ShopError, answer_error)
    app.add_exception_handler(RequestValidationError, answer_invalid)
    app.add_exception_handler(HTTPException, answer_http)
    app.add_middleware(AnswerCrash)


def error_body(kind: str, detail: str) -> dict[str, str]:
    return {"error": kind, "detail": detail}


async def answer_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ShopError)
    record(request, error)
    headers = headers_of(error)
    return JSONResponse(error_body(error.kind, str(error)), error.status, headers=headers)


def headers_of(error: ShopError) -> dict[str, str]:
    """What an error says beside its body: when to try again, or how to say who is calling."""
    headers = {} if error.retry_after is None else {"retry-after": str(ceil(error.retry_after))}
    if error.status == Unauthorized.status:
        headers["www-authenticate"] = "Bearer"
    return headers


def record(request: Request, error: ShopError) -> None:
    """Tells the span and the log of an error that is the shop's own."""
    if error.status >= 500:
        trace.get_current_span().record_exception(without_hidden_frames(error))
        log.warning("%s %s: %s", request.method, request.url.path, error)


async def answer_invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return JSONResponse(error_body(BadRequest.kind, invalid(error)), BadRequest.status)


def invalid(error: RequestValidationError) -> str:
    """What cannot be used of a request, as a sentence."""
    first: dict[str, Any] = error.errors()[0]
    source, *path = first["loc"]
    where = ".".join(map(str, path)) or source
    # What stands in an address is no secret; what came in a body may be one, and is not repeated.
    repeatable = source in {"path", "query"} and first["type"] != "missing"
    value = f", not {str(first['input'])[:LONGEST]!r}" if repeatable else ""
    return f"{where}: {first['msg'].removeprefix('Value error, ')}{value}"


async def answer_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    kind = KINDS.get(error.status_code, "bad_request")
    detail = f"{request.method} {request.url.path}: {error.detail}"
    headers = headers_of_http(request, error)
    return JSONResponse(error_body(kind, detail), error.status_code, headers=headers)


def headers_of_http(request: Request, error: HTTPException) -> Mapping[str, str]:
    """The headers of the error; with a 405, every method that its path takes: starlette names those
    of the first route only.
    """
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(methods_of(request)))
    return headers


def methods_of(request: Request) -> set[str]:
    """The methods of all routes to the path of a request."""
    routes = request.app.router.routes
    return {
        method
        for route in routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }


async def answer_crash(_request: Request, _error: Exception) -> Response:
    body = error_body("internal", "this should not have happened; the log has the reason")
    return JSONResponse(body, 500)


class AnswerCrash:
    """The last resort: an error that nobody named becomes a 500 without a word of its inside. An
    application that says it in its own way has a handler for Exception.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:  # there is nobody to answer any more
            trace.get_current_span().add_event("client disconnected")
        except Exception as error:  # whatever it is, it is answered and recorded
            if started or scope["type"] != "http":
                raise
            trace.get_current_span().record_exception(without_hidden_frames(error))
            log.exception("%s %s crashed", scope["method"], scope["path"])
            answer = scope["app"].exception_handlers.get(Exception, answer_crash)
            response: Response = await answer(Request(scope, receive), error)
            await response(scope, receive, send)
