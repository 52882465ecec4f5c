"""Every failure is a page for a person: what happened, what to do, and the trace of it."""

from collections.abc import Callable, Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from services.frontend.domain.forms import repeatable
from services.frontend.domain.paths import login, path_of
from services.frontend.routes.shell import Shell
from services.frontend.routes.submitted import typed
from services.frontend.routes.visit import Visit
from services.frontend.views import troubles
from services.frontend.views.troubles import Trouble, trouble
from shared import answers
from shared.errors import ForeignOrigin, ShopError, Unauthorized

# A form once more: the visit, what was typed, the trouble, the status.
Form = Callable[[Visit, Mapping[str, str], Trouble, int], Response]


class Failures:
    """Answers errors with pages; `forms` are those with a page of their own, by their path."""

    def __init__(self, shell: Shell, forms: Mapping[str, Form]) -> None:
        self._shell, self._forms = shell, forms

    def install(self, app: FastAPI) -> None:
        """Takes the place of the JSON answers that every service starts with."""
        app.add_exception_handler(ShopError, self.answer_error)
        app.add_exception_handler(RequestValidationError, self.answer_invalid)
        app.add_exception_handler(HTTPException, self.answer_http)
        app.add_exception_handler(Exception, self.answer_crash)

    async def answer_error(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, ShopError)
        answers.record(request, error)
        visit = Visit(request)
        if isinstance(error, ForeignOrigin):
            return self._page(visit, troubles.FOREIGN, error.status, {})
        if isinstance(error, Unauthorized) and not visit.path.startswith("/login"):
            return await self._ask_who(visit)
        return await self._explain(visit, error)

    async def answer_invalid(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return self._page(Visit(request), trouble(400, answers.invalid(error)), 400, {})

    async def answer_http(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        page = self._page(Visit(request), trouble(error.status_code), error.status_code, {})
        page.headers.update(answers.headers_of_http(request, error))
        return page

    async def answer_crash(self, request: Request, _error: Exception) -> Response:
        visit = Visit(request)
        if visit.path == "/checkout" and request.method == "POST":
            explained = trouble(500, troubles.CRASHED.detail, buying=True)
            return self._forms[visit.path](visit, await typed(request), explained, 500)
        return self._page(visit, troubles.CRASHED, 500, await resendable(request))

    async def _ask_who(self, visit: Visit) -> Response:
        """To the login page and back; a checkout keeps its form instead."""
        request = visit.request
        if visit.path == "/checkout" and request.method == "POST":
            fields = await typed(request)
            return self._forms[visit.path](visit, fields, troubles.ENDED, 401)
        referer = request.headers.get("referer", "")
        host = request.headers.get("host", "")
        back = visit.address if request.method == "GET" else path_of(referer, host)
        return self._shell.farewell(visit, login(back))

    async def _explain(self, visit: Visit, error: ShopError) -> Response:
        if visit.request.method != "POST":
            return self._page(visit, trouble(error.status, str(error)), error.status, {})
        buying = visit.path == "/checkout"
        explained = trouble(error.status, str(error), buying=buying, sending=True)
        form = self._forms.get(visit.path)
        if form is not None:
            return form(visit, await typed(visit.request), explained, error.status)
        return self._page(visit, explained, error.status, await resendable(visit.request))

    def _page(
        self, visit: Visit, explained: Trouble, status: int, fields: Mapping[str, str]
    ) -> Response:
        """`fields` are those of a form that may be sent once more as it was."""
        return self._shell.page(visit, "error.html", status, trouble=explained, fields=fields)


async def resendable(request: Request) -> Mapping[str, str]:
    """What a form said, to be sent once more at the press of a button."""
    if request.method != "POST":
        return {}
    fields = repeatable(await typed(request))
    return {name: value for name, value in fields.items() if name != "form_token"}
