"""Jaeger's first HTTP API under /api: what its UI, Grafana and many scripts speak."""

import time

from fastapi import APIRouter, Request, Response

from lens.routes import jaeger_v1_traces
from lens.routes import parameters as read
from lens.routes.jaeger_v1_answers import answered, envelope, failure
from lens.routes.parameters import BadParameter, Parameters
from lens.store import TraceStore

DAY = 24 * 3_600_000_000_000


def routes(store: TraceStore) -> APIRouter:
    router = APIRouter(prefix="/api", tags=["jaeger v1"])
    jaeger_v1_traces.add(router, store)

    @router.get("/services")
    @answered
    async def list_services(request: Request) -> Response:
        services = await store.services()
        return envelope(request, services, total=len(services))

    @router.get("/services/{service:path}/operations")
    @answered
    async def list_operation_names(request: Request) -> Response:
        operations = await store.operations(request.path_params["service"])
        names = sorted({operation.name for operation in operations})
        return envelope(request, names, total=len(names))

    @router.get("/operations")
    @answered
    async def list_operations(request: Request) -> Response:
        asked = Parameters(request)
        service = asked.text("service")
        if service is None:
            raise BadParameter("parameter 'service' is required")
        operations = await store.operations(service, asked.text("spanKind"))
        data = [{"name": operation.name, "spanKind": operation.kind} for operation in operations]
        return envelope(request, data, total=len(data))

    @router.get("/dependencies")
    @answered
    async def list_dependencies(request: Request) -> Response:
        asked = Parameters(request)
        end = asked.read(read.milliseconds, "endTs") or time.time_ns()
        lookback = asked.read(read.milliseconds, "lookback") or DAY
        edges = await store.dependencies(end - lookback, end)
        service = asked.text("service")
        return envelope(
            request,
            [
                {"parent": edge.parent, "child": edge.child, "callCount": edge.calls}
                for edge in edges
                if service in (None, edge.parent, edge.child)
            ],
        )

    @router.get("/metrics/{name}")
    @answered
    async def read_metrics(request: Request) -> Response:
        known = request.path_params["name"] in ("latencies", "calls", "errors")
        return failure(501, "metrics querying is not available") if known else failure(404, "no")

    return router
