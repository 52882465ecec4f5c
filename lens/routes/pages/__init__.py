"""The explorer: the pages a person looks at. They work without JavaScript, which adds comfort."""

from fastapi import APIRouter

from lens.routes.pages.about import add_about
from lens.routes.pages.assets import add_assets
from lens.routes.pages.dependencies import add_dependencies
from lens.routes.pages.search import add_search
from lens.routes.pages.shell import Shell
from lens.routes.pages.trace import add_spans, add_trace
from lens.store import TraceStore
from shared.topology import BY_NAME

GATEWAY = f"http://127.0.0.1:{BY_NAME['gateway'].port}"


def routes(store: TraceStore, gateway: str = GATEWAY) -> APIRouter:
    """All pages over this store; `gateway` is the address to try when there is no trace yet."""
    shell = Shell(store, gateway)
    router = APIRouter(include_in_schema=False)
    add_search(router, store, shell)
    add_trace(router, store, shell)
    add_spans(router, store, shell)
    add_dependencies(router, store, shell)
    add_about(router, shell)
    add_assets(router, shell.assets)
    return router
