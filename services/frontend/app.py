from fastapi import FastAPI

from services.frontend.clients import Gateway, Traces
from services.frontend.routes import routes
from services.frontend.routes.drawer import Links
from services.frontend.routes.failures import Failures
from services.frontend.routes.sessions import Sessions
from services.frontend.routes.shell import Shell
from shared.gate import FORM
from shared.pictures import pictures
from shared.service import Runtime, create_service
from shared.settings import FrontendSettings


def create_app(runtime: Runtime[FrontendSettings]) -> FastAPI:
    settings = runtime.settings
    # lens may be slow or away: the drawer then says so, rather than to keep a page waiting.
    traces = Traces(runtime.peers.service("lens", within=0.4))
    urls = settings.public_urls
    shell = Shell(
        Links(urls["lens"], urls["chaos"], settings.trace_links, drawn=settings.draws_traces),
        runtime.hooks,
        demo_login=settings.demo_login,
    )
    gateway = Gateway(runtime.peers.service("gateway"))
    router, forms = routes(gateway, traces, shell, settings.demo_password)
    app = create_service(
        "frontend",
        runtime,
        router,
        pictures(settings.mocks / "pictures"),
        edge=lambda app, requested: Sessions(app, requested, settings.chaos_token),
        media=[FORM],
    )
    Failures(shell, forms).install(app)
    return app
