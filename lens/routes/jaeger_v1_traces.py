"""Traces as Jaeger's first HTTP API finds and shows them."""

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from lens.domain.jaeger_json import shown_id, trace_json
from lens.domain.model import Query, Trace
from lens.routes import parameters as read
from lens.routes.answers import built
from lens.routes.jaeger_v1_answers import answered, body, failure, pretty
from lens.routes.otlp_body import Bodies
from lens.routes.parameters import BadParameter, Parameters
from lens.routes.transform import traces_of
from lens.store import TraceStore


def add(router: APIRouter, store: TraceStore) -> None:
    bodies = Bodies()

    @router.get("/traces")
    @answered
    async def search(request: Request) -> Response:
        asked = Parameters(request)
        if wanted := asked.all("traceID"):
            return await by_ids(store, request, wanted)
        traces = await store.traces(query_of(asked))
        return await built(
            lambda: body([trace_json(trace) for trace in traces]), pretty=pretty(request)
        )

    @router.get("/traces/{trace_id}")
    @answered
    async def read_trace(request: Request) -> Response:
        # Start and end are ignored: Grafana sends them in another unit than Jaeger reads.
        trace = await store.trace(id_of(request.path_params["trace_id"]))
        if trace is None:
            return failure(404, "trace not found")
        return await built(lambda: body([trace_json(trace)]), pretty=pretty(request))

    @router.post("/transform")
    @answered
    async def transform(request: Request) -> Response:
        sent = await bodies.read(request)
        traces = await to_thread.run_sync(traces_of, sent)
        return await built(
            lambda: body([trace_json(trace) for trace in traces]), pretty=pretty(request)
        )


def query_of(asked: Parameters) -> Query:
    service = asked.text("service")
    if service is None:
        raise BadParameter("parameter 'service' is required")
    tags = dict(read.tags_of_pairs(asked.all("tag")))
    tags.update(asked.read(read.tags_of_json, "tags") or {})
    query = Query(
        service=service,
        operation=asked.text("operation"),
        start_ns=asked.read(read.microseconds, "start"),
        end_ns=asked.read(read.microseconds, "end"),
        min_duration_ns=asked.read(read.duration, "minDuration"),
        max_duration_ns=asked.read(read.duration, "maxDuration"),
        tags=tags,
        limit=asked.read(read.limit, "limit") or read.DEFAULT_TRACES,
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
    return await built(
        lambda: body([trace_json(trace) for trace in found], errors=missing or None),
        pretty=pretty(request),
    )


def id_of(text: str) -> str:
    try:
        return read.trace_id(text)
    except ValueError as error:
        raise BadParameter(str(error)) from None
