"""JSON bodies in, application/problem+json (RFC 9457) out."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from chaos.control_plane.domain.reading import Problem, errors_json, object_of, read_json, title_of
from shared.answers import KINDS, headers_of, headers_of_http, invalid, record
from shared.errors import ShopError
from shared.openapi import SCHEMAS, Application, ErrorForm

# Of the operations that take a token.
WITH_TOKEN: dict[str, Any] = {"security": [{"token": []}]}
MEDIA, JSON = "application/problem+json", "application/json"


def problem(
    status: int,
    kind: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    body: dict[str, Any] = {
        "type": f"/problems/{kind.replace('_', '-')}",
        "title": title_of(status),
        "status": status,
        "detail": detail,
        "errors": errors or [],
    }
    return JSONResponse(body, status, headers=headers, media_type=MEDIA)


class WrongPart(BaseModel):
    """One error in a body; `hint` says what may have been meant."""

    path: str
    code: str
    message: str
    hint: str


class ProblemDetails(BaseModel):
    """An answer other than success, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[WrongPart]


def install(app: Application) -> None:
    """Has every error of the application answered from here."""
    app.error_form = ErrorForm(ProblemDetails, MEDIA, invalid=422)
    app.add_exception_handler(ShopError, answer_error)
    app.add_exception_handler(RequestValidationError, answer_invalid)
    app.add_exception_handler(HTTPException, answer_http)
    app.add_exception_handler(Exception, answer_crash)


async def answer_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ShopError)
    record(request, error)
    wrong = list(errors_json(error)) if isinstance(error, Problem) else []
    return problem(error.status, error.kind, str(error), wrong, headers_of(error))


async def answer_invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return problem(422, "validation", invalid(error))


async def answer_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    kind = KINDS.get(error.status_code, "bad_request")
    detail = f"{request.method} {request.url.path}: {error.detail}"
    return problem(error.status_code, kind, detail, headers=headers_of_http(request, error))


async def answer_crash(_request: Request, _error: Exception) -> JSONResponse:
    return problem(500, "internal", "internal error; the log has the reason")


async def body_of(request: Request) -> dict[str, Any]:
    """The members of the JSON object in the body; none of an empty one."""
    body = await request.body()
    return object_of(read_json(body)) if body.strip() else {}


def taking(model: type[BaseModel], example: Any = None, **extra: Any) -> dict[str, Any]:
    """The OpenAPI description of a body that a route reads by itself, and more of the operation."""
    schema = model.model_json_schema(ref_template=SCHEMAS)
    needed = bool(schema.get("required"))
    return {**taking_any(schema, example, required=needed), **extra}


def taking_any(
    schema: dict[str, Any], example: Any = None, *, media: str = JSON, required: bool = True
) -> dict[str, Any]:
    """The same of a body that is no model's."""
    content: dict[str, Any] = {"schema": schema}
    if example is not None:
        content["example"] = example
    return {"requestBody": {"content": {media: content}, "required": required}}
