"""What all pages share: the templates, the frame around a page, the headers that keep it safe."""

import time
from functools import partial
from pathlib import Path
from typing import Any

from anyio import to_thread
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lens.store import TraceStore
from lens.views import moments
from shared.assets import Assets
from traces import units
from traces.layout.palette import STYLESHEET, colour

LENS = Path(__file__).parents[2]
HOMES = "http://127.0.0.1:* http://localhost:*"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self' {HOMES}"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Shell:
    """Renders pages; every value that comes from a span is escaped by the templates."""

    def __init__(self, store: TraceStore, *, otlp: str, otlp_grpc: str, example: str) -> None:
        self.assets = Assets(LENS / "static", STYLESHEET)
        self._store = store
        self._templates = Environment(
            loader=FileSystemLoader(LENS / "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(
            ago=moments.ago,
            clock=moments.clock,
            colour=colour,
            count=units.count,
            day=moments.day,
            duration=units.duration,
            plural=units.plural,
            share=units.share,
            short=units.shortened,
            size=moments.size,
            zone=moments.zone,
        )
        self._templates.globals.update(
            asset=self.assets.address, otlp=otlp, otlp_grpc=otlp_grpc, example=example
        )

    async def page(self, template: str, status: int = 200, **parts: Any) -> HTMLResponse:
        """A whole page in its frame, with the numbers of the store at its foot."""
        stats = await self._store.stats()
        render = partial(self.fragment, template, status, stats=stats, **parts)
        return await to_thread.run_sync(render)

    def fragment(self, template: str, status: int = 200, **parts: Any) -> HTMLResponse:
        return HTMLResponse(self.text(template, **parts), status, HEADERS)

    def text(self, template: str, **parts: Any) -> str:
        return self._templates.get_template(template).render(now_ns=time.time_ns(), **parts)
