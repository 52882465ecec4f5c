"""The sliders of the control room: which fault each puts, and where it stands."""

import pytest

from chaos.control_plane.domain.scope import check_scope
from chaos.control_plane.views.rows import Row, in_force
from chaos.control_plane.views.sliders import STOPS, Slider, places, sliders
from chaos.defaults import DEFAULTS
from chaos.engine.engine import stands_in
from chaos.engine.model import Fault
from tests.chaos.opened import fault

ME = "5e551011abcdef00"


def slider(place: str, kind: str, rows: list[Row], session: str = "") -> Slider:
    return next(one for one in sliders(rows, session)[place] if one.kind == kind)


def own(name: str) -> Row:
    return Row(DEFAULTS[name][0], "topology", "class", live=False)


def test_a_slider_changes_the_fault_that_a_service_has_by_itself() -> None:
    turned = slider("auth", "errors", [own("auth")])
    assert (turned.fault.id, turned.fault.where.service) == ("auth-failure", "auth")
    assert (turned.value, turned.text, turned.rest) == (20, "20 %", 20)


def test_the_carrier_fails_at_the_call_of_shipping_and_shipping_by_itself() -> None:
    carrier, shipping = slider("carrier", "errors", []), slider("shipping", "errors", [])
    assert (carrier.fault.id, carrier.fault.where.side) == ("shipping-failure", "client")
    assert (shipping.fault.id, shipping.fault.where.side) == ("shipping-errors", "server")


@pytest.mark.parametrize("place", places())
def test_a_slider_for_me_puts_a_fault_in_place_of_the_one_for_everybody(place: str) -> None:
    for everybody, mine in zip(sliders([], "")[place], sliders([], ME)[place], strict=True):
        check_scope(mine.fault, "session")
        assert stands_in(mine.fault, everybody.fault)
        assert Fault.model_validate(mine.fault.model_dump(mode="json")) == mine.fault


def test_a_slider_for_me_stands_where_everybodys_does_until_i_have_my_own() -> None:
    rows = [Row(fault("payment-failure", rate=0.4), "live", "class", live=True)]
    before = slider("payment", "errors", rows, ME)
    mine = before.fault.model_copy(update={"rate": 0.0})
    after = slider("payment", "errors", [*rows, Row(mine, "live", "mine", live=True)], ME)
    assert (before.value, before.rest) == (40, 40)
    assert (after.value, after.rest, after.source) == (0, 40, "only your session")


def test_a_fault_that_rests_leaves_its_slider_at_nothing() -> None:
    resting = Row(DEFAULTS["auth"][0], "topology", "class", live=False, rests=True)
    assert slider("auth", "errors", [resting]).value == 0


def test_a_delay_between_two_stops_is_shown_exactly() -> None:
    late = fault("payment-latency", effect={"type": "latency", "ms": 1234})
    turned = slider("payment", "latency", [Row(late, "live", "class", live=True)])
    assert (STOPS[turned.value], turned.text) == (1000, "1.234 s")


def test_my_fault_takes_away_the_one_in_whose_place_it_is_even_at_nothing() -> None:
    everybody = Row(fault("payment-failure"), "live", "class", live=True)
    calm = fault("payment-failure-me", rate=0, instead_of="payment-failure")
    mine = Row(calm, "live", "mine", live=True)
    assert in_force([everybody, mine], mine=True) == []
    assert in_force([everybody, mine], mine=False) == [everybody]
