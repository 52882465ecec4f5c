"""What the pages of the control room share: templates, and the headers that keep them safe."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chaos.control_plane.views.board import EXAMPLE
from chaos.control_plane.views.service_map import TALL, WIDE, plot
from chaos.control_plane.views.sliders import STOPS
from shared.assets import Assets
from shared.topology import SERVICES
from traces.layout.palette import STYLESHEET, colour_among

HOME = Path(__file__).parents[1]
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not stricter: without an origin, our own form could not be distinguished from a foreign one.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@cache
def style() -> str:
    """The style sheet, for a page that has it inside."""
    return (HOME / "static" / "control-room.css").read_text(encoding="utf-8")


class Shell:
    """Renders pages; the templates escape every value."""

    def __init__(self) -> None:
        self.assets = Assets(HOME / "static", STYLESHEET)
        self._templates = Environment(
            loader=FileSystemLoader(HOME / "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.filters["colour_among"] = colour_among
        self._templates.globals.update(
            asset=self.assets.address,
            example=EXAMPLE,
            services=frozenset(service.name for service in SERVICES),
            stops=STOPS,
            tall=plot(TALL),
            wide=plot(WIDE),
        )

    def page(self, template: str, **parts: Any) -> HTMLResponse:
        html = self._templates.get_template(template).render(**parts)
        return HTMLResponse(html, headers=HEADERS)
