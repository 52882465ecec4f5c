"""What a service's OpenAPI document says: every answer that it can give, its errors included.

FastAPI writes down what a route returns, and a 422 that most services never send. Here each route
names the errors of its own, and what all routes have in common is added once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared.contracts.answer import Error
from shared.gate import SAFE

Json = dict[str, Any]
SCHEMAS = "#/components/schemas/{model}"
UNDER_COMPONENTS = "#/components/responses/"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# By status: the name among the document's components, and when it is answered.
ERRORS: Mapping[int | str, tuple[str, str]] = {
    400: ("BadRequest", "Something of the request cannot be used; `detail` says what."),
    401: ("Unauthorized", "Nobody is logged in, the session has ended, or a secret is wrong."),
    402: ("PaymentRequired", "The card is refused."),
    403: ("Forbidden", "It is not for the caller, or another site's page asked for it."),
    404: ("NotFound", "There is no such thing."),
    409: ("Conflict", "It does not fit the state that things are in."),
    412: ("PreconditionFailed", "It has changed meanwhile: `If-Match` names another version."),
    413: ("ContentTooLarge", "The body is larger than what is taken."),
    415: ("UnsupportedMediaType", "The body is of another content type than what is read."),
    421: ("Misdirected", "The Host header has a name that is not the service's."),
    422: ("UnprocessableContent", "The body can be read, but what it describes cannot be."),
    423: ("Locked", "Something else holds it."),
    429: ("TooManyRequests", "It was asked for too often; `Retry-After` says when to try again."),
    "5XX": ("Failure", "It failed here, or in a service behind; a later try may succeed."),
}
# What an error may carry beside its body.
HEADERS: Mapping[int | str, Mapping[str, str]] = {
    401: {"WWW-Authenticate": "How to say who is calling."},
    429: {"Retry-After": "After how many seconds it is worth another try."},
    "5XX": {"Retry-After": "After how many seconds it is worth another try, if that is known."},
}


def errors(*statuses: int) -> dict[int | str, Json]:
    """For the `responses` of a route or router: errors beside those that every route has."""
    return {status: reference(status) for status in statuses}


def event_stream(*events: str) -> dict[int | str, Json]:
    """For the `responses` of a route that answers server-sent events with these names."""
    fields = {"event": {"enum": list(events)}, "data": {"type": "string"}, "id": {"type": "string"}}
    schema = {"type": "object", "properties": fields, "required": ["event", "data"]}
    return {200: {"description": "Events", "content": {"text/event-stream": {"schema": schema}}}}


def reference(status: int | str) -> Json:
    return {"$ref": f"{UNDER_COMPONENTS}{ERRORS[status][0]}"}


@dataclass(frozen=True)
class ErrorForm:
    """How an application answers errors: the body, its content type, the status of bad input."""

    model: type[BaseModel] = Error
    media: str = "application/json"
    invalid: int = 400


class Application(FastAPI):
    """A FastAPI whose OpenAPI document has all answers. How it answers errors, and how its routes
    are told who is calling (the `security` in their `openapi_extra`, which is optional where
    `anonymous` callers are let in), may be set until it is asked for.
    """

    error_form = ErrorForm()
    security_schemes: Mapping[str, Json] = {"token": {"type": "http", "scheme": "bearer"}}
    anonymous = False

    def openapi(self) -> Json:
        if self.openapi_schema is None:
            for route in self.routes:
                if isinstance(route, APIRoute):
                    route.operation_id = route.operation_id or route.name
            document = with_errors(with_shared_bodies(super().openapi()), self.error_form)
            schemes = self.security_schemes
            self.openapi_schema = with_security(document, schemes, optional=self.anonymous)
        return self.openapi_schema


def with_errors(document: Json, form: ErrorForm) -> Json:
    """The document with the errors of each operation, all kept among its components."""
    used: set[int | str] = set()
    for method, operation in operations(document):
        responses = operation["responses"]
        # FastAPI's answer to bad input, which has another form and another status here.
        if responses.get("422", {}).get("description") == "Validation Error":
            del responses["422"]
        named = {int_of(key) for key, answer in responses.items() if "$ref" in answer}
        own = {int_of(key) for key in responses} - named
        statuses = named | (set(common(method, operation, form)) - own)
        responses.update({str(status): reference(status) for status in statuses})
        operation["responses"] = dict(sorted(responses.items()))
        used |= statuses
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    _, definitions = models_json_schema([(form.model, "serialization")], ref_template=SCHEMAS)
    schemas.update(definitions["$defs"])
    components["responses"] = {
        ERRORS[status][0]: response(status, form) for status in ERRORS if status in used
    }
    return document


def with_shared_bodies(document: Json) -> Json:
    """The document with the bodies that routes read by themselves among its components."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for _, operation in operations(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            schema = content["schema"]
            found = schema.pop("$defs", {})
            if "title" in schema and "properties" in schema:
                found[schema["title"]] = schema
                content["schema"] = {"$ref": SCHEMAS.format(model=schema["title"])}
            for name, one in found.items():
                if schemas.setdefault(name, one) != one:
                    raise ValueError(f"two schemas of one document are named {name}")
    return document


def with_security(document: Json, schemes: Mapping[str, Json], *, optional: bool) -> Json:
    """The document with those of the schemes that its operations name."""
    secured = [one for _, one in operations(document) if "security" in one]
    choices = [choice for one in secured for choice in one["security"]]
    if optional:
        for one in secured:
            one["security"] = [{}, *one["security"]]
    used = {name for choice in choices for name in choice}
    if used:
        found = {name: scheme for name, scheme in schemes.items() if name in used}
        document["components"]["securitySchemes"] = found
    return document


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path in document.get("paths", {}).values():
        for method in METHODS:
            if method in path:
                yield method, path[method]


def int_of(key: str) -> int | str:
    return int(key) if key.isdigit() else key


def common(method: str, operation: Json, form: ErrorForm) -> Iterator[int | str]:
    """The errors that follow from what an operation takes, and those of the gate before it."""
    yield from ("5XX", 400, 421)
    if method.upper() not in SAFE:
        yield 403
    if operation.get("parameters") or "requestBody" in operation:
        yield form.invalid
    if "requestBody" in operation:
        yield from (413, 415)


def response(status: int | str, form: ErrorForm) -> Json:
    """One error, among the components."""
    schema = {"$ref": SCHEMAS.format(model=form.model.__name__)}
    described: Json = {
        "description": ERRORS[status][1],
        "content": {form.media: {"schema": schema}},
    }
    if headers := HEADERS.get(status):
        described["headers"] = {
            name: {"description": what, "schema": {"type": "string"}}
            for name, what in headers.items()
        }
    return described
