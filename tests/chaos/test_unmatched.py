"""Faults that can never match are applied with a warning, which says what may be meant."""

from pathlib import Path
from typing import Any

import pytest

from chaos.control_plane.flows.control import Control
from chaos.control_plane.flows.unmatched import why_never
from shared.topology import SERVICES
from tests.chaos.opened import Clock, Opened, control_in, fault, report

ROUTES = {
    "auth": ("GET /auth", "POST /login", "POST /logout"),
    "payment": ("POST /charges", "GET /charges/{order_id}"),
    "cart": ("POST /carts", "GET /carts/{user_id}"),
}


@pytest.fixture
def control(tmp_path: Path, clock: Clock) -> Control:
    return control_in(tmp_path, clock)


@pytest.fixture
def reported(control: Control) -> Control:
    """All services have reported which routes they have."""
    for service in SERVICES:
        if service.traced:
            routes = ROUTES.get(service.name, ("GET /nothing-like-it",))
            control.hear(report(service.name, instance=service.name, routes=routes))
    return control


NEVER: list[tuple[dict[str, Any], str]] = [
    (
        {"service": "auth", "route": "/ath"},
        'auth has no route /ath, so this fault never matches; did you mean "/auth"?',
    ),
    (
        {"service": "payment", "route": "POST /charge"},
        'payment has no route /charge, so this fault never matches; did you mean "/charges"?',
    ),
    (
        {"route": "/chargs"},
        'no service has a route /chargs, so this fault never matches; did you mean "/charges"?',
    ),
    (
        {"service": "auth", "route": "POST /auth"},
        'auth has no route POST /auth, so this fault never matches; did you mean "GET /auth"?',
    ),
    (
        {"side": "client", "peer": "cart", "route": "put /carts"},
        'cart has no route put /carts, so this fault never matches; did you mean "POST /carts"?',
    ),
    (
        {"service": "auth", "route": "GTE"},
        'auth has no method GTE, so this fault never matches; did you mean "GET"?',
    ),
    ({"route": "TRACE"}, "no service has a method TRACE, so this fault never matches"),
    (
        {"side": "client", "service": "gateway", "peer": "auth", "route": "/logon"},
        'auth has no route /logon, so this fault never matches; did you mean "/login"?',
    ),
    (
        {"side": "client", "service": "payment", "peer": "cart"},
        "payment calls bank, and never cart",
    ),
    (
        {"side": "client", "service": "users", "peer": "cart"},
        "users calls nobody, so this fault never matches",
    ),
    (
        {"side": "store", "service": "gateway"},
        "gateway has no store, so this fault never matches",
    ),
    ({"side": "stream", "service": "cart"}, "cart has no stream, so this fault never matches"),
]
EFFECTS = {"stream": {"type": "drop"}, "store": {"type": "connect_error"}}


@pytest.mark.parametrize(("where", "said"), NEVER)
def test_what_never_matches_says_why(reported: Control, where: dict[str, Any], said: str) -> None:
    effect = EFFECTS.get(where.get("side", ""), {"type": "error"})
    assert why_never(reported, fault("odd", where=where, effect=effect)) == said


@pytest.mark.parametrize(
    "where",
    [
        {},
        {"service": "auth"},
        {"service": "auth", "route": "GET"},
        {"service": "auth", "route": "GET /auth"},
        {"service": "auth", "route": "/AUTH"},
        {"service": "auth", "route": "get /auth"},
        {"service": "auth", "route": "post"},
        {"service": "payment", "route": "/charges/{order_id}"},
        {"side": "client", "service": "gateway", "route": "/auth"},
        {"side": "client", "service": "shipping", "peer": "carrier", "route": "/v1/anything"},
        {"side": "client", "peer": "cart"},
    ],
)
def test_what_may_match_has_no_warning(reported: Control, where: dict[str, Any]) -> None:
    assert why_never(reported, fault("fine", where=where)) == ""


def test_as_long_as_a_service_has_not_told_its_routes_nothing_is_said(control: Control) -> None:
    assert why_never(control, fault("odd", where={"service": "auth", "route": "/ath"})) == ""


async def test_the_answer_and_the_page_have_the_warning(plane: Opened) -> None:
    plane.control.hear(report("auth", routes=ROUTES["auth"]))
    where = {"service": "auth", "route": "/ath"}
    answer = await plane.put_fault("odd", where=where)
    assert 'did you mean "/auth"?' in answer.json()["warning"]
    [row] = (await plane.read_json("/faults"))["faults"]
    assert row["warning"] == answer.json()["warning"]
    assert "auth has no route /ath" in (await plane.get("/")).text
    fine = await plane.put_fault("fine", where={"service": "auth", "route": "/auth"})
    assert fine.json()["warning"] == ""
