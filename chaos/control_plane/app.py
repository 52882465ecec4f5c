"""Assembles the control plane: one state, and the routes that read and change it."""

import os
from collections.abc import Callable
from socket import gethostname
from urllib.parse import urlsplit

from fastapi import FastAPI

from chaos.control_plane.flows.control import Control
from chaos.control_plane.flows.runs import TICK, Library, Runs
from chaos.control_plane.routes import (
    about,
    control_room,
    events,
    faults,
    hits,
    json_api,
    plans,
    processes,
    scenarios,
)
from chaos.control_plane.routes.authentication import Authenticator
from chaos.control_plane.routes.control_room import Cards
from chaos.control_plane.routes.limits import SPECIAL, Limits
from chaos.control_plane.routes.scenarios import RunViews
from chaos.control_plane.store import FaultFile, profiles
from chaos.control_plane.views.board import Links
from shared.gate import Gate
from shared.hosts import KnownHosts
from shared.origin import is_local
from shared.service import Runtime, create_service
from shared.settings import ChaosSettings


def create_app(runtime: Runtime[ChaosSettings]) -> FastAPI:
    settings = runtime.settings
    control = control_of(settings)
    runtime.life.stopping(control.revisions.end_waits)
    runtime.life.closing(control.revisions.end_waits)
    runtime.life.background(control.keep_time)
    runs = Runs(control, Library.read(settings.scenarios))
    runtime.life.every(TICK, runs.advance_when_on)
    auth, views = Authenticator(settings), RunViews(control, runs)
    app = create_service(
        "chaos",
        runtime,
        processes.routes(control, auth),
        faults.routes(control, auth),
        faults.reset_routes(control, auth),
        plans.routes(control, auth, shop_of(settings)),
        hits.routes(control, auth),
        events.routes(control, auth),
        scenarios.routes(runs, views, auth),
        scenarios.run_routes(control, runs, views, auth),
        about.routes(control, auth),
        control_room.routes(control, Cards(runs, views), auth, links_of(settings)),
    )
    json_api.install(app)
    app.anonymous = settings.anonymous_role != "none"
    app.add_middleware(Limits)
    app.add_middleware(Gate, hosts=hosts_of(settings), special=SPECIAL)
    app.state.control = control
    return app


def links_of(settings: ChaosSettings) -> Links:
    return Links(settings.public_urls["frontend"], settings.public_urls["lens"])


def control_of(settings: ChaosSettings) -> Control:
    """The state, continued from the last process of the same start of the shop. One that nobody
    launched belongs to its container, by the host name, and to its parent there.
    """
    file = FaultFile(settings.data / "chaos.json")
    profile = settings.profile
    started = settings.start_id or f"{gethostname()} {os.getppid()}"
    return Control(file, profiles(profile), profile, started=started, seed=settings.seed)


def shop_of(settings: ChaosSettings) -> Callable[[str], str]:
    """The storefront's address for a browser that reached this host under a name."""
    url = settings.public_urls["frontend"]
    parts = urlsplit(url)

    def address(host: str) -> str:
        if not host or is_local(host) or not is_local(parts.hostname or ""):
            return url.rstrip("/")
        named = f"[{host}]" if ":" in host else host
        return f"{parts.scheme}://{named}:{parts.port or 80}"

    return address


def hosts_of(settings: ChaosSettings) -> KnownHosts:
    """Any, where no caller has a role without a token, which a browser does not send by itself."""
    return KnownHosts(["*"] if settings.anonymous_role == "none" else settings.names)
