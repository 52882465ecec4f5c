"""Jaeger's first HTTP API under /api: the one of its UI, of Grafana and of many scripts."""

import time
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from lens.domain.query import Query
from lens.routes.answers import BadParameter, Refused, answering, built, json_response
from lens.routes.documents import (
    COUNT,
    DURATION,
    PRETTY,
    SERVICE,
    TRACE,
    WHOLE,
    Edge,
    Envelope,
    JaegerTrace,
    Name,
    answering_with,
    in_path,
    parameter,
    query,
    tags,
    taking,
)
from lens.routes.importing import refuse_other_sites
from lens.routes.jaeger import parameters as read
from lens.routes.jaeger.metrics import add_metrics
from lens.routes.jaeger.parameters import Parameters
from lens.routes.otlp.body import Bodies
from lens.routes.otlp.signals import document_with
from lens.routes.otlp.signals import read as read_otlp
from lens.store import TraceStore
from shared.errors import Conflict
from traces.formats import otlp_json_reader
from traces.formats.forms import Form
from traces.formats.jaeger import shown_id, trace_json
from traces.model import Trace
from traces.same_id import traces_of

# One of `service` and `traceID` is needed.
SEARCH = (
    SERVICE,
    parameter("traceID", "Only these traces", {"type": "array", "items": TRACE["schema"]}),
    query("operation", "Only traces with a span of this name"),
    query("start", "From when, in microseconds since the epoch", WHOLE),
    query("end", "Until when, in microseconds since the epoch", WHOLE),
    query("minDuration", "At least so long, as in 100ms", DURATION),
    query("maxDuration", "At most so long, as in 1.5s", DURATION),
    parameter("tag", "key:value", {"type": "array", "items": {"type": "string", "pattern": ":"}}),
    tags("tags"),
    query("limit", "So many of the newest at most", COUNT),
    PRETTY,
)
OTLP_JSON: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"resourceSpans": {"type": "array", "items": {"type": "object"}}},
                    "required": ["resourceSpans"],
                }
            }
        },
    }
}
DAY = 24 * 3_600_000_000_000


def envelope(data: Any, *, total: int = 0, errors: list[Any] | None = None) -> dict[str, Any]:
    """What surrounds everything this API answers, errors included."""
    return {"data": data, "total": total, "limit": 0, "offset": 0, "errors": errors}


def answer(request: Request, data: Any, *, total: int = 0) -> Response:
    return json_response(envelope(data, total=total), pretty=pretty(request))


def failure(status: int, message: str) -> Response:
    return json_response(envelope(None, errors=[{"code": status, "msg": message}]), status)


def pretty(request: Request) -> bool:
    return request.query_params.get("prettyPrint", "false") not in ("", "false")


answered = answering(failure)


def routes(store: TraceStore) -> APIRouter:
    router = APIRouter(prefix="/api", tags=["jaeger v1"])
    add_traces(router, store)
    add_metrics(router, store)

    @router.get(
        "/services",
        responses=answering_with(Envelope[list[str]], Envelope[None]),
        openapi_extra=taking(PRETTY),
    )
    @answered
    async def list_services(request: Request) -> Response:
        services = await store.services()
        return answer(request, services, total=len(services))

    @router.get(
        "/services/{service:path}/operations",
        responses=answering_with(Envelope[list[str]], Envelope[None]),
        openapi_extra=taking(in_path("service", "The service's name"), PRETTY),
    )
    @answered
    async def list_operation_names(request: Request) -> Response:
        operations = await store.operations(request.path_params["service"])
        names = sorted({operation.name for operation in operations})
        return answer(request, names, total=len(names))

    @router.get(
        "/operations",
        responses=answering_with(Envelope[list[Name]], Envelope[None], 400),
        openapi_extra=taking(
            query("service", "The service's name", ".", required=True),
            query("spanKind", "Only operations of this kind"),
            PRETTY,
        ),
    )
    @answered
    async def list_operations(request: Request) -> Response:
        params = Parameters(request)
        service = params.text("service")
        if service is None:
            raise BadParameter("parameter 'service' is required")
        operations = await store.operations(service, params.text("spanKind"))
        data = [{"name": operation.name, "spanKind": operation.kind} for operation in operations]
        return answer(request, data, total=len(data))

    @router.get(
        "/dependencies",
        responses=answering_with(Envelope[list[Edge]], Envelope[None], 400),
        openapi_extra=taking(
            query("endTs", "Until when, in milliseconds since the epoch; by default now", WHOLE),
            query("lookback", "How long before, in milliseconds; by default a day", WHOLE),
            query("service", "Only calls of this service or by it"),
            PRETTY,
        ),
    )
    @answered
    async def list_dependencies(request: Request) -> Response:
        params = Parameters(request)
        end = params.read(read.milliseconds, "endTs") or time.time_ns()
        lookback = params.read(read.milliseconds, "lookback") or DAY
        edges = await store.dependencies(read.within(end - lookback), end)
        service = params.text("service")
        return answer(
            request,
            [
                {"parent": edge.parent, "child": edge.child, "callCount": edge.calls}
                for edge in edges
                if service in (None, edge.parent, edge.child)
            ],
        )

    return router


def add_traces(router: APIRouter, store: TraceStore) -> None:
    """Finding traces and reading them, and turning OTLP JSON into traces without keeping it."""
    bodies = Bodies()

    @router.get(
        "/traces",
        responses=answering_with(Envelope[list[JaegerTrace]], Envelope[None], 400),
        openapi_extra=taking(*SEARCH),
    )
    @answered
    async def search(request: Request) -> Response:
        params = Parameters(request)
        if wanted := params.all("traceID"):
            return await by_ids(store, request, wanted)
        return await traces_answer(request, await store.traces(query_of(params)))

    @router.get(
        "/traces/{trace_id}",
        responses=answering_with(Envelope[list[JaegerTrace]], Envelope[None], 400, 404),
        openapi_extra=taking(TRACE, PRETTY),
    )
    @answered
    async def read_trace(request: Request) -> Response:
        # Start and end are ignored: Grafana sends them in another unit than Jaeger reads.
        trace = await store.trace(id_of(request.path_params["trace_id"]))
        if trace is None:
            return failure(404, "trace not found")
        return await traces_answer(request, [trace])

    @router.post(
        "/archive/{trace_id}",
        responses=answering_with(Envelope[list[str]], Envelope[None], 400, 404, 409),
        openapi_extra=taking(TRACE, PRETTY),
    )
    @answered
    async def archive(request: Request) -> Response:
        """Pins the trace: it is kept until it is unpinned on its page."""
        refuse_other_sites(request)
        trace_id = id_of(request.path_params["trace_id"])
        if await store.version(trace_id) is None:
            return failure(404, "trace not found")
        try:
            await store.pin(trace_id)
        except Conflict as error:
            return failure(409, str(error))
        return answer(request, [])

    @router.post(
        "/transform",
        responses=answering_with(Envelope[list[JaegerTrace]], Envelope[None], 400, 413, 503),
        openapi_extra=taking(PRETTY) | OTLP_JSON,
    )
    @answered
    async def transform(request: Request) -> Response:
        body = await bodies.read(request)
        return await traces_answer(request, await to_thread.run_sync(transformed, body))


async def traces_answer(
    request: Request, traces: list[Trace], errors: list[Any] | None = None
) -> Response:
    return await built(
        lambda: envelope([trace_json(trace) for trace in traces], errors=errors),
        pretty=pretty(request),
    )


def transformed(body: bytes) -> list[Trace]:
    """The traces in an OTLP JSON document, in the order of their first spans."""
    document, _ = document_with(Form.TRACES, body)
    decoded = read_otlp(otlp_json_reader.spans, document)
    if not decoded.taken:
        raise Refused(400, decoded.explanation or "there is no span in the document")
    return traces_of(decoded.taken)


def query_of(params: Parameters) -> Query:
    service = params.text("service")
    if service is None:
        raise BadParameter("parameter 'service' is required")
    wanted = dict(read.tags_of_pairs(params.all("tag")))
    wanted.update(params.read(read.tags_of_json, "tags") or {})
    query = Query(
        service=service,
        operation=params.text("operation"),
        start_ns=params.read(read.microseconds, "start"),
        end_ns=params.read(read.microseconds, "end"),
        min_duration_ns=params.read(read.duration, "minDuration"),
        max_duration_ns=params.read(read.duration, "maxDuration"),
        tags=wanted,
        limit=params.read(read.limit, "limit") or read.DEFAULT_TRACES,
    )
    longest, shortest = query.max_duration_ns, query.min_duration_ns
    if longest and shortest and longest < shortest:
        raise BadParameter("'maxDuration' should be greater than 'minDuration'")
    return query


async def by_ids(store: TraceStore, request: Request, wanted: list[str]) -> Response:
    """The traces with these ids; those that are not there are listed in `errors`."""
    found: list[Trace] = []
    missing: list[dict[str, str]] = []
    for trace_id in dict.fromkeys(map(id_of, wanted[: read.MAX_TRACES])):
        trace = await store.trace(trace_id)
        if trace is None:
            missing.append({"msg": "trace not found", "traceID": shown_id(trace_id)})
        else:
            found.append(trace)
    return await traces_answer(request, found, missing or None)


def id_of(text: str) -> str:
    try:
        return read.trace_id(text)
    except ValueError as error:
        raise BadParameter(str(error)) from None
