"""Traces that links join are found around one, nearest first, and drawn from cause to follower."""

import pytest

from tests.lens.made import span
from traces.layout.related_map import BOX_W, related_map
from traces.related import MOST, MOST_EACH, Neighbours, Related, related
from traces.summary import summary

Graph = dict[str, list[str]]


def around(start: str, follows: Graph, *, unknown: tuple[str, ...] = ()) -> Related:
    """`follows` has the followers of each trace; ids are any words here."""

    def look(name: str) -> Neighbours:
        if name in unknown:
            return Neighbours(None)
        return Neighbours(
            summary([span(1, name=name)]),
            {cause: 1 for cause, followers in follows.items() if name in followers},
            dict.fromkeys(follows.get(name, ()), 1),
        )

    return related(start, look)


def pairs(found: Related) -> list[tuple[str, str]]:
    return [(link.cause, link.follower) for link in found.links]


ORDERS = {"order1": ["pack1"], "order2": ["pack2"], "pack1": ["batch"], "pack2": ["batch"]}


def test_from_an_order_one_sees_its_batch_and_what_else_was_in_it() -> None:
    found = around("order1", ORDERS)
    assert list(found.traces) == ["order1", "pack1", "batch", "pack2"]
    assert pairs(found) == [("order1", "pack1"), ("pack1", "batch"), ("pack2", "batch")]
    assert found.more == {}


def test_from_a_batch_one_sees_some_of_many_orders_and_how_many_there_are_more() -> None:
    follows: Graph = {f"pack{number}": ["batch"] for number in range(128)}
    found = around("batch", follows)
    assert len(found.traces) == 1 + MOST_EACH
    assert found.more == {"batch": 128 - MOST_EACH}


@pytest.mark.parametrize("width", [3, 50])
def test_there_are_never_more_traces_than_can_be_looked_at(width: int) -> None:
    follows: Graph = {
        f"{'x' * depth}{one}": [f"{'x' * (depth + 1)}{other}" for other in range(width)]
        for depth in range(4)
        for one in range(width)
    }
    assert len(around("0", follows).traces) <= MOST


def test_a_ring_and_a_link_to_itself_end() -> None:
    found = around("a", {"a": ["b", "a"], "b": ["a"]})
    assert pairs(found) == [("a", "b"), ("b", "a")]
    drawn = related_map(found)
    assert drawn is not None
    assert len(drawn.boxes) == 2


def test_a_trace_without_links_has_no_graph() -> None:
    assert related_map(around("a", {})) is None
    assert related_map(around("a", {"a": ["a"]})) is None


def test_causes_stand_left_of_what_follows_and_no_boxes_overlap() -> None:
    drawn = related_map(around("batch", {**ORDERS, "gone": ["pack1"]}, unknown=("gone",)))
    assert drawn is not None
    places = {box.trace_id: (box.x, box.y) for box in drawn.boxes}
    for curve in drawn.curves:
        assert places[curve.link.cause][0] + BOX_W < places[curve.link.follower][0]
    assert len(set(places.values())) == len(places)
    assert all(x + BOX_W <= drawn.width for x, _ in places.values())
    assert [box.trace_id for box in drawn.boxes if box.here] == ["batch"]
    gone = next(box for box in drawn.boxes if box.trace_id == "gone")
    assert gone.summary is None
