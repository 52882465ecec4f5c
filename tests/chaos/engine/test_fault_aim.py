"""Whom a fault is about: one that stands in for another, what rests, and what stays private."""

from math import inf
from typing import Any

import pytest

from chaos.engine.effect import Latency
from chaos.engine.engine import FaultEngine
from chaos.engine.injection_point import CallPath, InjectionPoint
from chaos.engine.model import Fault, Match, Snapshot
from chaos.engine.registry import OwnFault
from tests.chaos.engine.decisions import (
    Clock,
    ask,
    engine,
    fault,
    fired_at,
    in_session,
    with_baggage,
)

ANN, BOB = {"session.id": "s-ann"}, {"session.id": "s-bob"}
CALL = InjectionPoint("client", "GET /tracking", "carrier")


def for_ann(id_: str = "for-ann", **changes: Any) -> Fault:
    return fault(
        id_, **{"where": {"match": {"session": "s-ann"}}, "instead_of": "some-fault"} | changes
    )


def standing(*faults: Fault, own: tuple[Fault, ...] = ()) -> FaultEngine:
    there = engine(*own, service="orders")
    there.replace(Snapshot(faults=faults))
    return there


@pytest.mark.parametrize(
    ("match", "whose"),
    [
        (Match(), ["s-ann", "s-bob", None]),
        (Match(session="s-ann"), ["s-ann"]),
        (Match(baggage={"session.id": "s-bob"}), ["s-bob"]),
    ],
)
def test_a_request_is_meant_by_a_match_that_its_baggage_satisfies(
    match: Match, whose: list[str | None]
) -> None:
    def is_meant(session: str | None) -> bool:
        with with_baggage({} if session is None else {"session.id": session}):
            return CALL.is_of(match)

    assert [one for one in ("s-ann", "s-bob", None) if is_meant(one)] == whose


@pytest.mark.parametrize("rate", [0, 1])
def test_a_fault_replaces_another_for_those_it_matches(rate: float) -> None:
    faults = standing(for_ann(rate=rate), own=(fault(),))

    with with_baggage(ANN):
        assert fired_at(faults) == ["for-ann"] * int(rate)
    with with_baggage(BOB):
        assert fired_at(faults) == ["some-fault"]
    assert fired_at(faults) == ["some-fault"]
    assert faults.registry.tallies["some-fault"].matched == 2


def test_one_takes_the_place_of_another_on_whatever_side_that_is() -> None:
    away = fault("carrier-away", where={"side": "client", "peer": "carrier"})
    faults = standing(away, for_ann(instead_of="carrier-away", rate=0))

    with with_baggage(ANN):
        assert fired_at(faults, CALL) == []
    with with_baggage(BOB):
        assert fired_at(faults, CALL) == ["carrier-away"]


def test_in_a_service_that_it_is_not_meant_for_it_stands_in_for_nothing() -> None:
    elsewhere = {"service": "auth", "match": {"session": "s-ann"}}
    faults = standing(for_ann(where=elsewhere), own=(fault(),))

    with with_baggage(ANN):
        assert fired_at(faults) == ["some-fault"]


def test_one_stands_in_for_all_that_stand_in_for_none() -> None:
    slow = {"type": "latency", "ms": 1}
    alone = for_ann("alone-one", instead_of="*", effect=slow)
    too = for_ann("alone-too", instead_of="*")
    faults = standing(alone, too, fault("live-one"), own=(fault(),))

    with with_baggage(ANN):
        assert fired_at(faults) == ["alone-one", "alone-too"]
    assert fired_at(faults) == ["live-one"]


def test_of_two_that_stand_in_for_each_other_the_first_does() -> None:
    one = fault("wide-one", instead_of="for-ann")
    faults = standing(one, for_ann(instead_of="wide-one"))

    with with_baggage(ANN):
        assert fired_at(faults) == ["for-ann"]
    assert fired_at(faults) == ["wide-one"]


def test_a_stand_in_has_its_time_like_any_other() -> None:
    clock = Clock()
    faults = engine(fault(), clock=clock)
    faults.replace(Snapshot(faults=(for_ann(rate=0, ttl=5),)))

    with with_baggage(ANN):
        assert fired_at(faults) == []
        clock.now += 5
        assert fired_at(faults) == ["some-fault"]


def test_what_is_used_up_stands_in_all_the_same() -> None:
    faults = standing(for_ann(max_hits=1), own=(fault(),))

    with with_baggage(ANN):
        assert [fired_at(faults) for _ in range(3)] == [["for-ann"], [], []]


def test_what_is_aimed_at_somebody_comes_before_what_says_more_about_the_place() -> None:
    placed = fault("placed-one", where={"service": "orders", "route": "/order/{order_id}"})
    faults = standing(placed, for_ann(instead_of=None))

    with with_baggage(ANN):
        assert fired_at(faults) == ["for-ann"]


@pytest.mark.parametrize(
    ("calm", "stay"),
    [("no", {"row-one", "configured"}), ("defaults", {"configured"}), ("all", set())],
)
def test_calm_suspends_a_services_own_faults(calm: str, stay: set[str]) -> None:
    configured = OwnFault(fault("configured"), "environment ORDERS_FAILURE_RATE")
    faults = FaultEngine([OwnFault(fault("row-one"), "topology"), configured])

    faults.replace(Snapshot.model_validate({"calm": calm, "faults": (fault("live-one"),)}))

    assert set(faults.registry.tallies) == stay | {"live-one"}


def test_all_that_is_there_can_be_listed() -> None:
    clock = Clock()
    own, replaced, live = fault("own-one"), fault("two-places"), fault("live-one", ttl=60)
    elsewhere = fault("two-places", where={"service": "auth"}, ttl=10)
    faults = engine(own, replaced, clock=clock, service="orders")
    faults.replace(Snapshot(faults=(live, elsewhere)))
    clock.now += 5

    assert [(one.fault, one.source, one.left()) for one in faults.registry.active()] == [
        (own, "topology", inf),
        (live, "live", 55),
        (elsewhere, "live", 5),
    ]
    clock.now += 5
    assert [one.fault.id for one in faults.registry.active()] == ["own-one", "live-one"]


@pytest.mark.parametrize(
    "match", [{"session": "s-ann"}, {"user": "ann"}, {"baggage": {"acmeshop.plan": "p-1"}}]
)
def test_what_is_aimed_at_a_person_is_theirs_in_every_service(match: dict[str, Any]) -> None:
    theirs = fault(where={"service": "payment", "match": match}, rate=0)
    faults = standing(theirs)
    members = {**ANN, "user.id": "ann", "acmeshop.plan": "p-1"}

    with with_baggage(members):
        key = faults.share_key()
        assert key
        assert faults.share_key() == key
    with with_baggage(BOB):
        assert faults.share_key() == ""
    faults.replace(Snapshot())
    with with_baggage(members):
        assert faults.share_key() == ""


def test_two_people_have_keys_of_their_own() -> None:
    faults = standing(for_ann(), for_ann("for-bob", where={"match": {"session": "s-bob"}}))

    with with_baggage(ANN):
        anns = faults.share_key()
    with with_baggage(BOB):
        assert faults.share_key() not in {"", anns}


def test_what_is_over_is_nobodys_any_more() -> None:
    clock = Clock()
    faults = engine(clock=clock)
    faults.replace(Snapshot(faults=(for_ann(ttl=1),)))
    clock.now += 1

    with with_baggage(ANN):
        assert faults.share_key() == ""


def test_what_is_for_everybody_is_nobodys_own() -> None:
    with with_baggage(ANN):
        assert standing(fault(where={"match": {"header": {"x": "y"}}})).share_key() == ""


def test_the_ledger_tells_of_draws_also_of_those_that_did_not_fire() -> None:
    faults = engine(fault(rate=0.5), fault("each-second", hits="every 2", effect=Latency(ms=1)))
    ask(faults)
    nobodys = len(faults.ledger)
    with in_session(CallPath("s-ann", "1", "GET /")):
        for _ in range(20):
            ask(faults)

    hits = faults.ledger.after(nobodys)
    drawn = [hit for hit in hits if hit.fault == "some-fault"]
    assert len(hits) == 40
    assert all(hit.rate == 0.5 and hit.draw is not None and hit.at > 1e9 for hit in drawn)
    assert {hit.fired == ((hit.draw or 0) < 0.5) for hit in drawn} == {True}
    assert {hit.fired for hit in drawn} == {True, False}
    assert {(hit.draw, hit.rate) for hit in hits if hit.fault == "each-second"} == {(None, None)}


def test_without_a_session_only_hits_that_fired_are_kept() -> None:
    faults = engine(fault(rate=0.5))
    for _ in range(50):
        ask(faults)

    assert {hit.fired for hit in faults.ledger} == {True}
    assert len(faults.ledger) == faults.registry.tallies["some-fault"].fired


def test_a_ramp_begins_anew_when_it_is_changed_and_not_when_anything_else_is() -> None:
    clock = Clock()
    faults = engine(clock=clock)
    ramp = {"to": 1, "over": 100}

    def rate(**changes: Any) -> float:
        faults.replace(Snapshot(faults=(fault(rate=0, **changes),)))
        [active] = faults.registry.server
        clock.now += 50
        return active.rate()

    assert rate(ramp=ramp) == 0.5
    assert rate(ramp=ramp, title="the same, in other words") == 1
    assert rate(ramp={"to": 0.5, "over": 100}) == 0.25
