"""Sampling strategies: served to remote samplers as Jaeger does, and edited."""

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, FastAPI, Path, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from fastapi.telemetry import TelemetryConfig
from pydantic import ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from lens.domain.strategies import Strategies, Strategy
from lens.routes import health
from lens.routes.documents import query, taking
from lens.store import TraceStore
from lens.store.strategies import StrategyStore, sentence
from lens.store.tail import TailStage
from shared import answers
from shared.errors import BadRequest, NotFound, Unavailable
from shared.openapi import errors

FILE = "sampling.json"
# As Jaeger says it, in plain text.
ONE_SERVICE = "'service' parameter must be provided once"
PLAIN_REFUSAL = {
    "description": "Not one service",
    "content": {"text/plain": {"schema": {"type": "string"}}},
}
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
Service = Annotated[str, Path(min_length=1, max_length=200)]


def routes(store: TraceStore) -> APIRouter:
    """lens's own API of the strategies, and what Jaeger's collector answers at the same path."""
    strategies = store.strategies
    router = APIRouter(tags=["sampling"])

    @router.get("/lens/api/sampling")
    async def read_strategies() -> dict[str, Any]:
        """All strategies in the form of Jaeger's file, and when each service last polled."""
        found = strategies.current.as_json()
        return found | {"polled_ns": dict(sorted(strategies.polled.items()))}

    @router.get("/lens/api/sampling/file")
    async def read_file() -> Response:
        """The file as Jaeger reads it (`remote_sampling.file.path`)."""
        name = {"Content-Disposition": f'attachment; filename="{FILE}"'}
        return JSONResponse(strategies.current.as_json(), headers=name)

    @router.put("/lens/api/sampling", responses=errors(400))
    async def replace_strategies(all_of_them: Strategies) -> dict[str, Any]:
        """Replaces all strategies by those of a file in Jaeger's form."""
        return (await edited(strategies, lambda _: all_of_them)).as_json()

    @router.put("/lens/api/sampling/default", responses=errors(400))
    async def set_default(strategy: Strategy) -> dict[str, Any]:
        """Sets the strategy of all services that have none of their own."""
        return (await edited(strategies, lambda old: old.with_default(strategy))).as_json()

    @router.put("/lens/api/sampling/services/{service}", responses=errors(400))
    async def set_strategy(service: Service, strategy: Strategy) -> dict[str, Any]:
        """Sets the strategy of a service."""
        edit = lambda old: old.with_service(service, strategy)  # noqa: E731
        return (await edited(strategies, edit)).as_json()

    @router.delete("/lens/api/sampling/services/{service}", responses=errors(404))
    async def remove_strategy(service: Service) -> dict[str, Any]:
        """Leaves a service to the strategy of all others."""
        if service not in strategies.current.services:
            raise NotFound(f"{service} has no strategy of its own")
        return (await edited(strategies, lambda old: old.without(service))).as_json()

    @router.get(
        "/api/sampling",
        response_class=JSONResponse,
        responses={400: PLAIN_REFUSAL},
        openapi_extra=taking(query("service", "Which service asks", required=True)),
    )
    async def read_sampling(request: Request) -> Response:
        """A service's strategy, as a remote sampler reads it."""
        return answer(strategies, request)

    add_tail(router, store.tail)
    return router


def add_tail(router: APIRouter, tail: TailStage | None) -> None:
    @router.get("/lens/api/sampling/tail", responses=errors(404))
    async def read_tail() -> dict[str, Any]:
        """What the tail stage keeps, and what it has decided since the start."""
        if tail is None:
            raise NotFound("there is no tail sampling here: --tail, or LENS_TAIL_SAMPLING")
        return tail.counts.as_json()


async def edited(strategies: StrategyStore, edit: Any) -> Strategies:
    try:
        return await to_thread.run_sync(strategies.change, edit)
    except ValidationError as error:
        raise BadRequest(sentence(error)) from None
    except OSError as error:
        raise Unavailable(f"{strategies.path} cannot be written: {error.strerror}") from None


def answer(strategies: StrategyStore, request: Request, *, legacy: bool = False) -> Response:
    services = request.query_params.getlist("service")
    if len(services) != 1:
        return PlainTextResponse(ONE_SERVICE, 400)
    (service,) = services
    strategies.note(service)
    return JSONResponse(strategies.current.answer(service, legacy=legacy))


def remote_sampling(strategies: StrategyStore) -> FastAPI:
    """What Jaeger's clients reach on its port 5778: `/sampling`, and `/` for the oldest of them."""
    app = FastAPI(title="sampling strategies", telemetry=NO_TELEMETRY, openapi_url=None)
    answers.install(app)
    app.router.routes.extend(health.routes().routes)

    @app.get("/sampling")
    async def read_sampling(request: Request) -> Response:
        return answer(strategies, request)

    @app.get("/")
    async def read_legacy(request: Request) -> Response:
        return answer(strategies, request, legacy=True)

    return app


class OnPort:
    """ASGI middleware: requests that come in on one port go to an application of their own."""

    def __init__(self, app: ASGIApp, port: int, there: ASGIApp) -> None:
        self._app, self._port, self._there = app, port, there

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        server = scope.get("server") if scope["type"] == "http" else None
        app = self._there if server and server[1] == self._port else self._app
        await app(scope, receive, send)
