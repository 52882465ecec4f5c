"""Assembles the control plane: one state, and the routes that change it and tell of it."""

import os
from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi import FastAPI

from chaos.control_plane.domain.panel import Links
from chaos.control_plane.flows.control import Control
from chaos.control_plane.flows.library import Library
from chaos.control_plane.flows.profiles import profiles
from chaos.control_plane.flows.runs import TICK, Runs
from chaos.control_plane.routes import (
    about,
    events,
    faults,
    panel,
    plans,
    problems,
    reset,
    scenarios,
    snapshot,
    truth,
)
from chaos.control_plane.routes import runs as running
from chaos.control_plane.routes.door import Door
from chaos.control_plane.routes.guard import Guard
from chaos.control_plane.routes.limits import Limits
from chaos.control_plane.routes.panel_scenarios import Cards
from chaos.control_plane.routes.runs import RunViews
from chaos.control_plane.store import FaultFile
from shared.origin import is_local
from shared.service import Runtime, create_service
from shared.settings import ChaosSettings


def create_app(runtime: Runtime[ChaosSettings]) -> FastAPI:
    settings = runtime.settings
    control = control_of(settings)
    runtime.stopping(control.end_waits)
    runtime.closing(control.end_waits)
    runtime.background(control.keep_time)
    runs = Runs(control, Library.read(settings.scenarios))
    runtime.every(TICK, runs.advance)
    door, views = Door(settings), RunViews(control, runs)
    app = create_service(
        "chaos",
        runtime,
        snapshot.routes(control, door),
        faults.routes(control, door),
        reset.routes(control, door),
        plans.routes(control, door, shop_of(settings)),
        truth.routes(control, door),
        events.routes(control, door),
        scenarios.routes(runs, views, door),
        running.routes(control, runs, views, door),
        about.routes(control, door),
        panel.routes(control, Cards(runs, views), door, links_of(settings)),
    )
    problems.install(app)
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
