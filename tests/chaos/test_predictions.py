"""What faults did, would do and will do, compared with what the engine does."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import pytest
from opentelemetry import context as otel

from chaos.control_plane.flows import prediction
from chaos.control_plane.flows.control import Control
from chaos.control_plane.flows.prediction import Within, carrying, matches_so_far
from chaos.engine import injection_point
from chaos.engine.engine import FaultEngine, Hit
from chaos.engine.injection_point import InjectionPoint
from chaos.engine.model import Fault, Snapshot
from tests.chaos.opened import API, DOWN, Opened, entry, fault, own, report

SESSION, HOP = "s-1234", "00aa00aa00aa00aa"
PLACE = "POST /charges"


def done(
    plane: Opened, faults: Iterable[Fault], steps: range, service: str = "payment"
) -> list[Hit]:
    """What the engine of a service does to so many clicks of a session."""
    engine = FaultEngine(seed=plane.control.seed, service=service)
    engine.replace(Snapshot(revision=1, faults=tuple(faults)))
    for step in steps:
        with Within(carrying(SESSION, str(step), "", {})):
            token = injection_point.entered(injection_point.CallPath(SESSION, str(step), HOP))
            engine.decide(InjectionPoint("server", PLACE, hop=HOP))
            otel.detach(token)
    return engine.ledger.after(0)


def tell(plane: Opened, hits: Iterable[Hit], **fields: Any) -> None:
    plane.control.hear(report("payment", hits=[asdict(hit) for hit in hits], **fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"rate": 0.3},
        {"rate": 0.5, "draw": "request"},
        {"rate": 0.5, "draw": "session"},
        {"hits": "every 3"},
        {"hits": "2,5,11"},
    ],
)
async def test_a_rehearsal_is_what_then_happens(plane: Opened, fields: dict[str, Any]) -> None:
    plane.control.put(entry("pay-down", **fields))
    every = done(plane, [fault("pay-down", **fields)], range(1, 25))
    tell(plane, every[:4])
    ahead = await plane.read_json(f"/rehearsal?session={SESSION}&fault=pay-down&n=20")
    assert (ahead["step"], ahead["places"]) == ("4", [f"payment: {PLACE}"])
    assert [one["fires"] for one in ahead["next"]] == [hit.fired for hit in every[4:]]
    assert [one["step"] for one in ahead["next"]] == [str(step) for step in range(5, 25)]


async def test_a_rehearsal_is_of_all_that_the_last_click_met(plane: Opened) -> None:
    plane.control.put(entry("one", rate=0.3), entry("two", rate=0.3))
    both = [fault("one", rate=0.3), fault("two", rate=0.3)]
    every = done(plane, both, range(1, 30))
    tell(plane, [hit for hit in every if int(hit.step) <= 2])
    ahead = await plane.read_json(f"/rehearsal?session={SESSION}&n=20")
    for one in ahead["next"]:
        fired = {hit.fault for hit in every if hit.step == one["step"] and hit.fired}
        # Of two that would end the work one does: the other is not said to have fired.
        assert bool(fired) == one["fires"]
        assert fired <= set(one["faults"])


async def test_a_rehearsal_looks_at_each_fault_once(
    plane: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []

    def look(control: Control, session: str, fault: str) -> int:
        looked.append(fault)
        return matches_so_far(control, session, fault)

    monkeypatch.setattr(prediction, "matches_so_far", look)
    plane.control.put(entry("pay-down"))
    tell(plane, done(plane, [fault("pay-down")], range(1, 2)) * 50)
    await plane.read_json(f"/rehearsal?session={SESSION}")
    assert looked == ["pay-down"]


async def test_what_rests_because_another_is_in_its_place_is_not_rehearsed(plane: Opened) -> None:
    plane.control.put(entry("pay-down"))
    tell(plane, done(plane, [fault("pay-down")], range(1, 2)))
    mine: dict[str, Any] = {
        "where": {"match": {"session": SESSION}},
        "rate": 0,
        "instead_of": "pay-down",
    }
    plane.control.put(entry("mine", "session", **mine))
    ahead = await plane.read_json(f"/rehearsal?session={SESSION}&n=3")
    assert [one["faults"] for one in ahead["next"]] == [[], [], []]
    mine["where"] = {"match": {"session": "s-9999"}}
    plane.control.put(entry("mine", "session", **mine))
    ahead = await plane.read_json(f"/rehearsal?session={SESSION}&n=1")
    assert ahead["next"][0]["faults"] == ["pay-down"]


async def test_without_a_match_the_hint_is_to_click(plane: Opened) -> None:
    ahead = await plane.read_json(f"/rehearsal?session={SESSION}")
    assert (ahead["next"], ahead["why"]) == (
        [],
        "no such fault has matched in this session yet: click once in the shop",
    )


@pytest.mark.parametrize("hop", [HOP, ""])
async def test_a_preview_says_what_the_engine_does(plane: Opened, hop: str) -> None:
    plane.control.put(entry("pay-down", rate=0.4))
    every = done(plane, [fault("pay-down", rate=0.4)], range(1, 16))
    tell(plane, every[:1])
    for hit in every[1:]:
        question = {"service": "payment", "place": PLACE, "session": SESSION, "step": hit.step}
        answer = await plane.post(f"{API}/preview", json=question | {"hop": hop})
        (content,) = answer.json()["faults"]
        assert (content["fires"], content["draw"], content["rate"]) == (
            hit.fired,
            hit.draw,
            hit.rate,
        )
        where = "below" if hit.fired else "not below"
        assert content["why"] == f"the draw {hit.draw:.4f} is {where} the rate 0.4"


@pytest.mark.parametrize(
    ("fields", "failed"),
    [
        ({"where": {"service": "auth"}}, "where.service"),
        ({"where": {"side": "store"}, "effect": {"type": "hang"}}, "where.side"),
        ({"effect": {"type": "unready"}}, "effect"),
        ({"where": {"route": "GET /charges"}}, "where.route"),
        ({"where": {"match": {"session": "s-9999"}}}, "where.match.session"),
        ({"where": {"match": {"user": "eric"}}}, "where.match.user"),
        ({"where": {"match": {"header": {"x-a": "1"}}}}, "where.match.header.x-a"),
        (
            {"where": {"match": {"baggage": {"acmeshop.plan": "p-1"}}}},
            "where.match.baggage.acmeshop.plan",
        ),
        ({"where": {"match": {"attribute": {"tag": "b"}}}}, "where.match.attribute"),
        ({"draw": "key", "key": "order_id"}, "key"),
        ({"rate": 0}, "rate"),
    ],
)
async def test_a_preview_names_the_first_thing_that_is_not_so(
    plane: Opened, fields: dict[str, Any], failed: str
) -> None:
    plane.control.put(entry("one", **fields))
    question = {
        "service": "payment",
        "place": PLACE,
        "session": SESSION,
        "step": "1",
        "attribute": {"tag": "a"},
    }
    (row,) = (await plane.post(f"{API}/preview", json=question)).json()["faults"]
    assert (row["matched"], row["fires"], row["failed"]) == (False, False, failed)
    assert row["why"]


async def test_a_preview_knows_who_stands_in_for_whom(plane: Opened) -> None:
    mine = entry("mine", rate=0, where={"match": {"session": SESSION}}, instead_of="pay-down")
    plane.control.put(entry("pay-down"), mine)
    question = {"service": "payment", "place": PLACE, "session": SESSION, "step": "1"}
    rows = (await plane.post(f"{API}/preview", json=question)).json()["faults"]
    assert {row["id"]: row["failed"] for row in rows} == {
        "pay-down": "instead_of",
        "mine": "rate",
    }


async def test_a_fault_can_be_tried_without_being_put(plane: Opened) -> None:
    question = {"service": "payment", "place": PLACE, "fault": DOWN | {"id": "tried"}}
    (row,) = (await plane.post(f"{API}/preview", json=question)).json()["faults"]
    assert (row["source"], row["fires"]) == ("tried", True)
    wrong = await plane.post(f"{API}/preview", json=question | {"fault": {"id": "tried"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (422, "fault.effect")
    assert await plane.ids() == []


async def test_a_service_s_own_fault_is_explained_while_it_does_not_rest(plane: Opened) -> None:
    plane.control.hear(report("payment", own=[own("payment-failure", rate=0.5)]))
    question = {"service": "payment", "place": PLACE}
    (row,) = (await plane.post(f"{API}/preview", json=question)).json()["faults"]
    assert (row["id"], row["source"], row["matched"]) == ("payment-failure", "topology", True)
    plane.control.choose("calm")
    assert (await plane.post(f"{API}/preview", json=question)).json()["faults"] == []


async def test_hits_are_found_by_trace_session_and_fault(plane: Opened) -> None:
    hits = [
        {"fault": f, "trace_id": t, "session": s, "fired": f == "one"}
        for f in ("one", "two")
        for t in ("aa", "bb")
        for s in ("s-1111", "s-2222")
    ]
    plane.control.hear(report("payment", hits=hits))

    async def count(query: str) -> int:
        return len((await plane.read_json(f"/hits?{query}"))["hits"])

    assert await count("") == 8
    assert await count("trace_id=aa") == 4
    assert await count("trace_id=aa&session=s-1111") == 2
    assert await count("fault=one&session=s-1111&trace_id=bb") == 1
    assert await count("fired=true") == 4
    assert await count("after=6") == 2
    last = await plane.read_json("/hits?limit=1")
    assert (last["number"], last["found"], last["hits"][0]["number"]) == (8, 8, 8)
    assert last["hits"][0]["service"] == "payment"
