"""Jaeger's third HTTP API under /api/v3: OTLP JSON out, parameters in camelCase or snake_case."""

from fastapi import APIRouter, Request, Response

from lens.domain.query import Query
from lens.routes.answers import BadParameter, answering, built, json_response
from lens.routes.documents import (
    COUNT,
    DURATION,
    MOMENT,
    MOMENT_OR_NONE,
    TRACE,
    Failure,
    Operations,
    Result,
    Services,
    Summaries,
    answering_with,
    parameter,
    query,
    tags,
    taking,
)
from lens.routes.jaeger import parameters as read
from lens.routes.jaeger.parameters import DEFAULT_TRACES, Parameters
from lens.store import TraceStore
from traces.formats.otlp_json import summary_json, traces_json

# In camelCase; snake_case is read as well.
SEARCH = (
    query("query.serviceName", "Only traces with a span of this service"),
    query("query.operationName", "Only traces with a span of this name"),
    parameter("query.startTimeMin", "From when, RFC 3339", MOMENT, required=True),
    parameter("query.startTimeMax", "Until when, RFC 3339", MOMENT, required=True),
    query("query.durationMin", "At least so long, as in 100ms", DURATION),
    query("query.durationMax", "At most so long, as in 1.5s", DURATION),
    tags("query.attributes"),
    query("query.searchDepth", "So many of the newest at most", COUNT),
)


def failure(status: int, message: str) -> Response:
    return json_response({"error": {"httpCode": status, "message": message}}, status)


answered = answering(failure)


def routes(store: TraceStore) -> APIRouter:
    router = APIRouter(prefix="/api/v3", tags=["jaeger v3"])

    @router.get("/services", responses=answering_with(Services, Failure))
    async def list_services_v3() -> Response:
        return json_response({"services": await store.services()})

    @router.get(
        "/operations",
        responses=answering_with(Operations, Failure, 400),
        openapi_extra=taking(
            query("service", "The service's name", ".", required=True),
            query("spanKind", "Only operations of this kind"),
        ),
    )
    @answered
    async def list_operations_v3(request: Request) -> Response:
        params = Parameters(request)
        service = params.needed(str, "service")
        operations = await store.operations(service, params.text("spanKind"))
        return json_response(
            {
                "operations": [
                    {"name": operation.name, "spanKind": kind_word(operation.kind)}
                    for operation in operations
                ]
            }
        )

    @router.get(
        "/trace-summaries",
        responses=answering_with(Summaries, Failure, 400),
        openapi_extra=taking(*SEARCH),
    )
    @answered
    async def list_summaries(request: Request) -> Response:
        found = await store.search(query_of(Parameters(request)))
        return await built(lambda: {"summaries": [summary_json(summary) for summary in found]})

    @router.get(
        "/traces",
        responses=answering_with(Result, Failure, 400, 404),
        openapi_extra=taking(*SEARCH),
    )
    @answered
    async def search_v3(request: Request) -> Response:
        traces = await store.traces(query_of(Parameters(request)))
        if not traces:
            return failure(404, "No traces found")
        return await built(lambda: {"result": traces_json(traces)})

    @router.get(
        "/traces/{trace_id}",
        responses=answering_with(Result, Failure, 400, 404),
        openapi_extra=taking(
            TRACE,
            parameter("startTime", "When it began; it is read, but not needed", MOMENT_OR_NONE),
            parameter("endTime", "When it ended; likewise", MOMENT_OR_NONE),
        ),
    )
    @answered
    async def read_trace_v3(request: Request) -> Response:
        try:
            trace_id = read.trace_id(request.path_params["trace_id"])
        except ValueError as error:
            raise BadParameter(f"malformed parameter trace_id: {error}") from None
        params = Parameters(request)
        for name in ("startTime", "endTime"):
            params.read(read.rfc3339, name)
        trace = await store.trace(trace_id)
        if trace is None:
            return failure(404, "No traces found")
        return await built(lambda: {"result": traces_json([trace])})

    return router


def query_of(params: Parameters) -> Query:
    if params.text("query.filter"):
        raise BadParameter("query.filter is not supported; query.attributes is")
    return Query(
        service=params.text("query.serviceName"),
        operation=params.text("query.operationName"),
        start_ns=params.needed(read.rfc3339, "query.startTimeMin"),
        end_ns=params.needed(read.rfc3339, "query.startTimeMax"),
        min_duration_ns=params.read(read.duration, "query.durationMin"),
        max_duration_ns=params.read(read.duration, "query.durationMax"),
        tags=params.read(read.tags_of_json, "query.attributes") or {},
        limit=params.read(read.limit, "query.searchDepth", "query.numTraces") or DEFAULT_TRACES,
    )


def kind_word(kind: str) -> str:
    """A span without a kind counts as internal here."""
    return "internal" if kind == "unspecified" else kind
