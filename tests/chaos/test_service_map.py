"""The service map of the control room: all that there is, and nothing on top of another."""

from itertools import combinations

import pytest

from chaos.control_plane.views.service_map import TALL, WIDE, Box, Shape, plot
from chaos.control_plane.views.wording import Mark, marks
from shared.topology import EDGES, SERVICES
from tests.chaos.opened import fault

INJECTED = {service.name for service in SERVICES if service.traced}
OUTSIDE = {name for service in SERVICES for name in service.outside}


def overlap(one: Box, other: Box) -> bool:
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height


@pytest.mark.parametrize("shape", [WIDE, TALL])
def test_every_traced_service_has_a_box_and_no_two_overlap(shape: Shape) -> None:
    drawn = plot(shape)
    assert {box.name for box in drawn.boxes} == INJECTED | OUTSIDE
    assert not [pair for pair in combinations(drawn.boxes, 2) if overlap(*pair)]
    assert all(0 <= box.x <= drawn.width - box.width for box in drawn.boxes)
    assert all(0 <= box.y <= drawn.height - box.height for box in drawn.boxes)


def test_every_call_of_the_topology_and_every_stream_is_a_line() -> None:
    lines = {(line.caller, line.callee, line.stream) for line in plot(WIDE).lines}
    calls = {(caller, callee, "") for caller, callee in EDGES if callee in INJECTED}
    assert calls < lines
    assert {("shipping", "carrier", ""), ("payment", "bank", "")} < lines
    assert ("orders", "shipping", "order.placed") in lines


def test_a_fault_marks_what_it_affects_and_the_worst_gives_the_colour() -> None:
    slow = fault("slow", effect={"type": "latency", "ms": 500})
    found = marks([slow, fault("broken", rate=0.25)])
    assert found["payment"].tone == "bad"
    assert found["payment"].words == ("25 %", "+500 ms")


def test_a_call_that_goes_badly_marks_the_line_and_the_system_outside() -> None:
    where = {"side": "client", "service": "shipping", "peer": "carrier"}
    assert set(marks([fault("away", where=where)])) == {("shipping", "carrier", ""), "carrier"}


def test_a_stream_that_loses_messages_marks_the_line_of_its_events() -> None:
    lost = fault("lost", where={"side": "stream", "service": "orders"}, effect={"type": "drop"})
    assert set(marks([lost])) == {("orders", "shipping", "order.placed")}


@pytest.mark.parametrize(
    ("words", "most", "shown"),
    [
        (("50 %", "+1.5 s"), 17, "50 % · +1.5 s"),
        (("50 % +1.5 s", "+1.25 s", "hangs"), 20, "50 % +1.5 s · 2 more"),
        (("50 % +1.5 s", "+1.25 s"), 15, "50 % +1.5 s …"),
        (("50 % +1.5 s",), 7, "+1.5 s"),
        (("cannot be reached",), 7, ""),
    ],
)
def test_a_mark_is_as_short_as_the_box_is_small_and_never_cut(
    words: tuple[str, ...], most: int, shown: str
) -> None:
    assert Mark("bad", words).brief(most) == shown


def test_what_nobody_would_notice_marks_nothing() -> None:
    little = {"type": "latency", "dist": "lognormal", "ms": 4, "p99_ms": 60}
    assert not marks([fault("rare", where={}, rate=0.005), fault("little", effect=little)])
