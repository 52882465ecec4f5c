"""What all pages share: the templates, the headers that keep them safe, the cookies."""

import time
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.frontend.clients import Login
from services.frontend.domain.banner import clock
from services.frontend.domain.shop import price
from services.frontend.domain.visitor import ago, write_clicks
from services.frontend.routes.drawer import Links
from services.frontend.routes.sessions import members
from services.frontend.routes.visit import (
    BASKET,
    CLICKS,
    COUNT,
    FORM_TOKEN,
    SESSION,
    TOKEN,
    USER,
    Visit,
)
from shared.assets import Assets
from shared.hooks import Hooks
from traces.layout.palette import STYLESHEET
from traces.units import plural

FOLDER = Path(__file__).parents[1] / "pages"
STATIC = Path(__file__).parents[1] / "static"
HALF_A_DAY = 12 * 3600
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not stricter: without its origin, our own form would look like a stranger's.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Shell:
    """Renders pages; every value is escaped by the templates."""

    def __init__(self, links: Links, hooks: Hooks, *, demo_login: bool) -> None:
        self.links, self.demo_login, self._hooks = links, demo_login, hooks
        self.assets = Assets(STATIC, STYLESHEET)
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.filters.update(price=price, plural=plural, clock=clock)
        self._templates.globals.update(
            ago=lambda at: ago(at, int(time.time())),
            asset=self.assets.address,
            demo_login=demo_login,
            links=links,
        )

    def page(self, visit: Visit, template: str, status: int = 200, **parts: Any) -> HTMLResponse:
        """A whole page in its frame, with the drawer at its end."""
        drawer = self.links.drawer(visit, status)
        notice = self._hooks.notice(members(visit, visit.session))
        frame = {"visit": visit, "drawer": drawer, "banner": notice, "status": status}
        html = self._render(template, **frame, **parts)
        response = HTMLResponse(html, status, HEADERS)
        self._remember(visit, response)
        return response

    def data(self, visit: Visit, content: object) -> Response:
        """Values for a script of a page, with the cookies that a page would have."""
        response = JSONResponse(content, headers={"Cache-Control": "no-store"})
        self._remember(visit, response)
        return response

    def is_exercise(self, visit: Visit) -> bool:
        """Whether the visitor is to find out by themselves what fails."""
        return self._hooks.is_exercise(members(visit, visit.session))

    def fragment(self, template: str, status: int = 200, **parts: Any) -> HTMLResponse:
        """A piece of a page, for a script to put where it belongs."""
        return HTMLResponse(self._render(template, **parts), status, HEADERS)

    def lead(self, visit: Visit, to: str) -> Response:
        """Look over there: the answer to every form that was taken."""
        response = RedirectResponse(to, 303, HEADERS)
        self._remember(visit, response)
        return response

    def welcome(self, visit: Visit, login: Login, to: str) -> Response:
        """Leads on somebody who has just come in, and knows nothing of an earlier user's cart."""
        response = RedirectResponse(to, 303, HEADERS)
        self._forget(visit, response, COUNT)
        self._remember(visit, response)
        self._keep(visit, response, TOKEN, login.token)
        self._keep(visit, response, USER, login.user.written())
        return response

    def farewell(self, visit: Visit, to: str) -> Response:
        """Leads on somebody who is logged in no more."""
        response = self.lead(visit, to)
        for name in (TOKEN, USER, COUNT):
            self._forget(visit, response, name)
        return response

    def restart(self, visit: Visit, to: str) -> Response:
        """Leads on somebody whose clicks are counted anew."""
        response = self.lead(visit, to)
        if visit.session is not None:
            self._keep(visit, response, SESSION, visit.session.restarted().written())
        return response

    def _render(self, template: str, **parts: Any) -> str:
        return self._templates.get_template(template).render(**parts)

    def _remember(self, visit: Visit, response: Response) -> None:
        """The form token, the cart, and this click as the newest of the last ones."""
        if visit.request.cookies.get(FORM_TOKEN) != visit.form_token:
            self._keep(visit, response, FORM_TOKEN, visit.form_token)
        changed = visit.request.state
        if hasattr(changed, BASKET) and visit.basket.items:
            self._keep(visit, response, BASKET, visit.basket.written())
        elif hasattr(changed, BASKET):
            self._forget(visit, response, BASKET)
        if hasattr(changed, COUNT):
            self._keep(visit, response, COUNT, str(getattr(changed, COUNT)))
        if visit.recorded:
            clicks = (visit.click(response.status_code), *visit.clicks)
            self._keep(visit, response, CLICKS, write_clicks(clicks))

    def _keep(self, visit: Visit, response: Response, name: str, value: str) -> None:
        response.set_cookie(
            name,
            value,
            max_age=HALF_A_DAY,
            secure=visit.request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )

    def _forget(self, visit: Visit, response: Response, name: str) -> None:
        if name in visit.request.cookies:
            response.delete_cookie(name, httponly=True, samesite="lax")
