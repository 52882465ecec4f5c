"""The explorer: the pages a person looks at. They work without JavaScript, which adds comfort."""

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from lens.domain.hints import Hints
from lens.routes.pages.compare import add_compare
from lens.routes.pages.dependencies import add_dependencies
from lens.routes.pages.errors import add_errors
from lens.routes.pages.exporting import add_export
from lens.routes.pages.importing import add_import
from lens.routes.pages.layouts import Layouts
from lens.routes.pages.logs import add_logs
from lens.routes.pages.pins import add_pins
from lens.routes.pages.sampling import add_sampling, tail_of
from lens.routes.pages.search import add_search
from lens.routes.pages.services import add_services
from lens.routes.pages.shell import Shell
from lens.routes.pages.trace import add_spans, add_trace
from lens.store import TraceStore
from lens.views.trace_page import NO_HINTS


def routes(
    store: TraceStore,
    *,
    otlp: str = "http://127.0.0.1:4318",
    otlp_grpc: str = "",
    example: str = "",
    sampling_port: int = 0,
    hints: Hints = NO_HINTS,
) -> APIRouter:
    """All pages over this store. While there is no trace yet they say what to do: open `example`,
    if there is one, or send spans to `otlp`, or over gRPC to `otlp_grpc`. Remote samplers are
    answered on `sampling_port`, if there is one; `hints` say where the code of the programs is.
    """
    shell = Shell(store, otlp=otlp, otlp_grpc=otlp_grpc, example=example)
    router = APIRouter(include_in_schema=False)
    add_search(router, store, shell)
    layouts = Layouts(store)
    add_compare(router, layouts, store, shell)
    add_trace(router, layouts, shell, hints)
    add_export(router, layouts, shell, hints)
    add_spans(router, layouts, shell)
    add_dependencies(router, store, shell)
    add_services(router, store, shell)
    add_logs(router, store, shell)
    add_pins(router, store)
    add_errors(router, store, shell)
    add_import(router, store, shell)
    add_sampling(router, store, shell, sampling_port)
    add_about(router, store, shell)
    return router


def add_about(router: APIRouter, store: TraceStore, shell: Shell) -> None:
    """What lens is, what it keeps and its endpoints; style sheets, scripts and icon."""

    @router.get("/about")
    async def read_about() -> HTMLResponse:
        return await shell.page("about.html", intake=store.intake.counts(), tail=tail_of(store))

    @router.get("/static/{build}/{name}")
    def read_asset(build: str, name: str) -> Response:
        return shell.assets.answer(name, build)

    @router.get("/favicon.ico")
    def read_icon() -> Response:
        return shell.assets.answer("icon.svg")
