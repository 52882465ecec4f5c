"""Jaeger's third HTTP API under /api/v3: OTLP JSON out, parameters in camelCase or snake_case."""

from fastapi import APIRouter, Request, Response

from lens.domain.model import Query
from lens.domain.otlp_json import summary_json, traces_json
from lens.routes import parameters as read
from lens.routes.answers import answering, built, json_response
from lens.routes.parameters import BadParameter, Parameters
from lens.store import TraceStore


def failure(status: int, message: str) -> Response:
    return json_response({"error": {"httpCode": status, "message": message}}, status)


answered = answering(failure)


def routes(store: TraceStore) -> APIRouter:
    router = APIRouter(prefix="/api/v3", tags=["jaeger v3"])

    @router.get("/services")
    async def list_services() -> Response:
        return json_response({"services": await store.services()})

    @router.get("/operations")
    @answered
    async def list_operations(request: Request) -> Response:
        asked = Parameters(request)
        service = asked.needed(str, "service")
        operations = await store.operations(service, asked.text("spanKind"))
        return json_response(
            {
                "operations": [
                    {"name": operation.name, "spanKind": kind_word(operation.kind)}
                    for operation in operations
                ]
            }
        )

    @router.get("/trace-summaries")
    @answered
    async def list_summaries(request: Request) -> Response:
        found = await store.search(query_of(Parameters(request)))
        return await built(lambda: {"summaries": [summary_json(summary) for summary in found]})

    @router.get("/traces")
    @answered
    async def search(request: Request) -> Response:
        traces = await store.traces(query_of(Parameters(request)))
        if not traces:
            return failure(404, "No traces found")
        return await built(lambda: {"result": traces_json(traces)})

    @router.get("/traces/{trace_id}")
    @answered
    async def read_trace(request: Request) -> Response:
        try:
            trace_id = read.trace_id(request.path_params["trace_id"])
        except ValueError as error:
            raise BadParameter(f"malformed parameter trace_id: {error}") from None
        asked = Parameters(request)
        for name in ("startTime", "endTime"):
            asked.read(read.rfc3339, name)
        trace = await store.trace(trace_id)
        if trace is None:
            return failure(404, "No traces found")
        return await built(lambda: {"result": traces_json([trace])})

    return router


def query_of(asked: Parameters) -> Query:
    if asked.text("query.filter"):
        raise BadParameter("query.filter is not supported; query.attributes is")
    return Query(
        service=asked.text("query.serviceName"),
        operation=asked.text("query.operationName"),
        start_ns=asked.needed(read.rfc3339, "query.startTimeMin"),
        end_ns=asked.needed(read.rfc3339, "query.startTimeMax"),
        min_duration_ns=asked.read(read.duration, "query.durationMin"),
        max_duration_ns=asked.read(read.duration, "query.durationMax"),
        tags=asked.read(read.tags_of_json, "query.attributes") or {},
        limit=asked.read(read.limit, "query.searchDepth", "query.numTraces") or read.DEFAULT_TRACES,
    )


def kind_word(kind: str) -> str:
    """A span without a kind counts as internal here."""
    return "internal" if kind == "unspecified" else kind
