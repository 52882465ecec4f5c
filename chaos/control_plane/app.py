"""Assembles the control plane: one state, and the routes that change it and tell of it."""

import os
from collections.abc import Callable
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
from chaos.control_plane.routes.authentication import Door
from chaos.control_plane.routes.control_room import Cards
from chaos.control_plane.routes.guard import Guard, Limits
from chaos.control_plane.routes.scenarios import RunViews
from chaos.control_plane.store import FaultFile, profiles
from chaos.control_plane.views.board import Links
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
    runtime.life.every(TICK, runs.advance)
    door, views = Door(settings), RunViews(control, runs)
    app = create_service(
        "chaos",
        runtime,
        processes.routes(control, door),
        faults.routes(control, door),
        faults.reset_routes(control, door),
        plans.routes(control, door, shop_of(settings)),
        hits.routes(control, door),
        events.routes(control, door),
        scenarios.routes(runs, views, door),
        scenarios.run_routes(control, runs, views, door),
        about.routes(control, door),
        control_room.routes(control, Cards(runs, views), door, links_of(settings)),
    )
    json_api.install(app)
    app.add_middleware(Limits)
    app.add_middleware(Guard, names=names_of(settings), anybody=settings.anonymous_role == "none")
    app.state.control = control
    return app


def links_of(settings: ChaosSettings) -> Links:
    return Links(settings.public_urls["frontend"], settings.public_urls["lens"])


def control_of(settings: ChaosSettings) -> Control:
    """The state, as far as it goes on from the last process of the same start of the shop."""
    file = FaultFile(settings.data / "chaos.json")
    asked = settings.profile
    started = str(os.getppid())
    return Control(file, profiles(asked), asked, started=started, seed=settings.seed)


def shop_of(settings: ChaosSettings) -> Callable[[str], str]:
    """The storefront's address for a browser that found this one under a name."""
    url = settings.public_urls["frontend"]
    parts = urlsplit(url)

    def address(host: str) -> str:
        if not host or is_local(host) or not is_local(parts.hostname or ""):
            return url.rstrip("/")
        named = f"[{host}]" if ":" in host else host
        return f"{parts.scheme}://{named}:{parts.port or 80}"

    return address


def names_of(settings: ChaosSettings) -> frozenset[str]:
    """The names under which the shop looks for its services."""
    urls = (*settings.urls.values(), *settings.public_urls.values())
    found = {urlsplit(url).hostname for url in urls} | {settings.host}
    return frozenset(name.lower() for name in found if name)
