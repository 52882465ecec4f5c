"""Coming in and going out: log in, register, log out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from services.frontend.clients import Gateway
from services.frontend.domain import paths
from services.frontend.domain.forms import LOGIN, REGISTER, Field, Values, mistakes, repeatable
from services.frontend.domain.visitor import DEMO
from services.frontend.flows.optional import if_possible
from services.frontend.routes.cart import bring_along
from services.frontend.routes.failures import Form
from services.frontend.routes.shell import Shell
from services.frontend.routes.submitted import Submitted
from services.frontend.routes.visit import Arrived, Visit
from services.frontend.views.troubles import Trouble
from shared.errors import NotFound

Next = Annotated[str, Query(alias="next", max_length=400)]


def add_account(
    router: APIRouter, gateway: Gateway, shell: Shell, demo_password: str
) -> Mapping[str, Form]:
    """Adds the routes; gives the forms that come back when sending them failed."""
    login = add_login(router, gateway, shell)
    add_demo_login(router, gateway, shell, demo_password)
    return {
        "/login": login,
        "/login/demo": login,
        "/register": add_register(router, gateway, shell),
    }


def add_login(router: APIRouter, gateway: Gateway, shell: Shell) -> "AccountForm":
    form = AccountForm(shell, "login.html", LOGIN)

    @router.get("/login")
    async def show_login(visit: Arrived, to: Next = "") -> Response:
        return form(visit, {"next": to})

    @router.post("/login")
    async def log_in(visit: Arrived, sent: Submitted) -> Response:
        wrong = mistakes(LOGIN, sent)
        if wrong:
            return form(visit, sent, None, 400, wrong)
        login = await gateway.login(sent["username"], sent["password"], visit.client)
        await bring_along(gateway, visit, login)
        return shell.welcome(visit, login, back(sent))

    @router.post("/logout")
    async def log_out(visit: Arrived, _sent: Submitted) -> Response:
        if visit.token:
            # This browser forgets the token in any case.
            await if_possible(gateway.logout(visit.token))
        return shell.farewell(visit, "/")

    return form


def add_demo_login(router: APIRouter, gateway: Gateway, shell: Shell, password: str) -> None:
    @router.post("/login/demo")
    async def log_in_as_demo(visit: Arrived, sent: Submitted) -> Response:
        """One click for a demo user; the password stays here."""
        username = sent.get("username", "")
        if not shell.demo_login or username not in DEMO:
            raise NotFound("there is no such demo user")
        login = await gateway.login(username, password, visit.client)
        await bring_along(gateway, visit, login)
        return shell.welcome(visit, login, back(sent))


def add_register(router: APIRouter, gateway: Gateway, shell: Shell) -> "AccountForm":
    form = AccountForm(shell, "register.html", REGISTER)

    @router.get("/register")
    async def show_register(visit: Arrived, to: Next = "") -> Response:
        return form(visit, {"next": to})

    @router.post("/register")
    async def register(visit: Arrived, sent: Submitted) -> Response:
        wrong = mistakes(REGISTER, sent)
        if wrong:
            return form(visit, sent, None, 400, wrong)
        await gateway.register({field.name: sent[field.name] for field in REGISTER})
        login = await if_possible(gateway.login(sent["username"], sent["password"], visit.client))
        if login is None:
            return shell.lead(visit, paths.login(back(sent)))
        await bring_along(gateway, visit, login)
        return shell.welcome(visit, login, back(sent))

    return form


def back(form: Values) -> str:
    return paths.local(form.get("next", ""))


class AccountForm:
    """The login or the registration form, with what was typed but for the password."""

    def __init__(self, shell: Shell, template: str, fields: Sequence[Field]) -> None:
        self._shell, self._template, self._fields = shell, template, fields

    def __call__(
        self,
        visit: Visit,
        typed: Values,
        trouble: Trouble | None = None,
        status: int = 200,
        wrong: Mapping[str, str] | None = None,
    ) -> Response:
        if trouble and status == 401:
            trouble = replace(trouble, title="That did not match")
        parts = {
            "typed": repeatable(typed),
            "wrong": wrong or {},
            "trouble": trouble,
            "next": paths.local(typed.get("next", "")),
            "demo_users": DEMO if self._shell.demo_login else (),
            "fields": self._fields,
        }
        return self._shell.page(visit, self._template, status, **parts)
