"""What the OpenAPI document says of routes that read a request by themselves, as those of Jaeger's
APIs do: an empty parameter counts there as not given, and many have two spellings.
"""

from typing import Any, Generic, TypeVar

from pydantic import BaseModel

Json = dict[str, Any]
T = TypeVar("T")

TRACE_ID = "^0*[1-9a-fA-F][0-9a-fA-F]*$"
WHOLE = "^(-?[0-9]{1,19})?$"
COUNT = "^(0*[1-9][0-9]*)?$"
MOMENT = {"type": "string", "format": "date-time"}
MOMENT_OR_NONE = {"anyOf": [MOMENT, {"type": "string", "maxLength": 0}]}
DURATION = "^([0-9]{1,9}([.][0-9]{1,9})?(ns|us|ms|s|m|h|d))?$"


class Name(BaseModel):
    """One operation of a service."""

    name: str
    spanKind: str  # noqa: N815 - as Jaeger has it


class Edge(BaseModel):
    """So many calls of one service by another."""

    parent: str
    child: str
    callCount: int  # noqa: N815


class JaegerTrace(BaseModel):
    """A trace in the form of Jaeger's interface."""

    traceID: str  # noqa: N815
    spans: list[Json]
    processes: Json


class Envelope(BaseModel, Generic[T]):
    """What surrounds everything that Jaeger's first API answers, errors included."""

    data: T | None
    total: int
    limit: int
    offset: int
    errors: list[Json] | None


class Services(BaseModel):
    services: list[str]


class Operations(BaseModel):
    operations: list[Name]


class Summaries(BaseModel):
    summaries: list[Json]


class ResourceSpans(BaseModel):
    resourceSpans: list[Json]  # noqa: N815


class Result(BaseModel):
    """OTLP JSON."""

    result: ResourceSpans


class Failed(BaseModel):
    httpCode: int  # noqa: N815
    message: str


class Failure(BaseModel):
    """How Jaeger's third API answers what it cannot do."""

    error: Failed


def answering_with(
    success: type[BaseModel], failure: type[BaseModel], *statuses: int
) -> dict[int | str, Json]:
    """For the `responses` of a route: one form of success, and one of all its failures."""
    failures: dict[int | str, Json] = {
        status: {"model": failure, "description": MEANS[status]} for status in statuses
    }
    return {200: {"model": success, "description": "As asked for"}, **failures}


MEANS = {
    400: "A parameter or the body cannot be used; the message names it",
    404: "There is no such trace, or no longer",
    409: "So many traces are pinned that there is no room for another",
    413: "The body is too large",
    415: "The body is of a type or an encoding that is not read",
    503: "Too many requests at once; a later one may be taken",
    501: "lens does not compute this",
}


def taking(*parameters: Json) -> Json:
    """For the `openapi_extra` of a route."""
    return {"parameters": list(parameters)}


def query(name: str, what: str, pattern: str = "", *, required: bool = False) -> Json:
    schema = {"type": "string"} | ({"pattern": pattern} if pattern else {})
    return parameter(name, what, schema, required=required)


def parameter(
    name: str, what: str, schema: Json, *, required: bool = False, place: str = "query"
) -> Json:
    return {
        "name": name,
        "in": place,
        "required": required,
        "description": what,
        "schema": schema,
    }


def tags(name: str) -> Json:
    schema = {"type": "object", "additionalProperties": {"type": "string"}}
    return {
        "name": name,
        "in": "query",
        "description": "Attributes of one span, as a JSON object of strings",
        "content": {"application/json": {"schema": schema}},
    }


def in_path(name: str, what: str, **schema: Any) -> Json:
    schema = {"type": "string", "minLength": 1, **schema}
    return parameter(name, what, schema, required=True, place="path")


PRETTY = query("prettyPrint", "Indents the answer, unless it is `false`")
TRACE = in_path("trace_id", "1 to 32 hex digits, not all zero", pattern=TRACE_ID, maxLength=32)
SERVICE = query("service", "The service's name")
