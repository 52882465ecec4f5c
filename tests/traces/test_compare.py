"""Two traces side by side, and one against the usual."""

from dataclasses import replace

import pytest

from tests.traces.corpus import NAMES, stored
from tests.traces.made import Made, checkout, order_status
from traces.compare import against, compare
from traces.model import Trace
from traces.paths import by_path, paths
from traces.usual import Usual, usual


def states(left: Trace, right: Trace) -> dict[str, str]:
    return {
        f"{pair.span.service}: {pair.span.name}": pair.state for pair in compare(left, right).rows
    }


def sentences(left: Trace, right: Trace) -> list[str]:
    return [text for text, _ in compare(left, right).sentences]


def shelf(queries: int = 1, took: float = 5) -> Made:
    """A list of products that is read in so many queries, each of `took` milliseconds."""
    made = Made()
    root = made.root("GET /products", 200, at=(0, 10 + queries * took))
    for number in range(queries):
        at = (5 + number * took, 5 + (number + 1) * took)
        made.span("frontend", "SELECT products", root, kind="client", at=at, db__system="sqlite")
    return made


def test_rows_are_aligned_by_path_and_not_by_id() -> None:
    left = checkout().trace()
    spans = [
        replace(s, span_id=f"f{s.span_id[1:]}", parent_id=s.parent_id and f"f{s.parent_id[1:]}")
        for s in left.spans
    ]

    assert set(states(left, Trace.of(left.trace_id, spans)).values()) == {"same"}


def test_siblings_that_are_alike_are_told_apart_by_their_order() -> None:
    trace = shelf(3).trace()

    assert len(by_path(trace)) == len(trace.spans) == 4
    compared = compare(shelf(2).trace(), trace).rows
    assert [pair.state for pair in compared] == ["same", "same", "same", "added"]


def test_a_call_that_fails_now_is_named_and_those_that_pass_it_on_are_not() -> None:
    left, right = order_status().trace(), order_status(carrier=503).trace()

    assert states(left, right)["shipping: GET /v1/tracking/{tracking}"] == "failing"
    assert sentences(left, right) == [
        "The first took 40 ms, the second 40 ms: 3 spans failing.",
        "shipping: GET /v1/tracking/{tracking} failed.",
    ]
    assert sentences(right, left)[1:] == ["shipping: GET /v1/tracking/{tracking} no longer failed."]


def test_what_is_no_longer_called_is_missing_as_a_whole() -> None:
    left, right = order_status().trace(), order_status(auth=500).trace()

    assert list(states(left, right).values()).count("missing") == 5
    assert sentences(left, right)[1:] == [
        "auth: GET /auth failed.",
        "gateway: GET /order/{order_id} is only in the first, and took 10 ms.",
    ]


def test_the_row_that_is_slower_by_itself_is_named() -> None:
    assert sentences(shelf(took=5).trace(), shelf(took=80).trace()) == [
        "The first took 15 ms, the second 90 ms: 2 spans slower.",
        "frontend: SELECT products took 80 ms in place of 5 ms, 75 ms of the difference its own.",
    ]


def test_traces_that_are_alike_are_said_to_be() -> None:
    trace = checkout().trace()

    assert sentences(trace, trace) == [
        "The first took 260 ms, the second 260 ms, and both did the same."
    ]


def test_traces_of_different_kinds_are_said_to_be() -> None:
    kinds = "frontend: POST /checkout, and frontend: GET /products"

    assert sentences(checkout().trace(), shelf().trace())[0] == (
        f"These are traces of different kinds: {kinds}."
    )


@pytest.mark.parametrize("name", NAMES)
def test_any_stored_trace_can_be_compared_with_any_other(name: str) -> None:
    left, right = stored(name), stored("healthy_checkout")

    for one, other in ((left, right), (right, left), (left, left)):
        rows = compare(one, other).rows
        assert {pair.left.span_id for pair in rows if pair.left} == set(one.by_id)
        assert {pair.right.span_id for pair in rows if pair.right} == set(other.by_id)
        assert len({pair.path for pair in rows}) == len(rows)
    assert paths(left).keys() == left.by_id.keys()


def test_the_usual_is_the_middle_of_the_traces() -> None:
    known = usual(shelf(took=took).trace() for took in (4, 5, 6, 7, 50))

    assert (known.traces, known.took_p50_ns) == (5, 16_000_000)
    path = list(paths(shelf().trace()).values())[-1]
    assert known.rows[path].p50_ns == 6_000_000


def test_a_row_beyond_the_usual_is_marked() -> None:
    known = usual(shelf(took=took).trace() for took in (4, 5, 6, 7, 8))

    rows = against(shelf(took=100).trace(), known)
    assert [(row.span.name, row.state, row.p50_ns) for row in rows] == [
        ("GET /products", "slower", 16_000_000),
        ("SELECT products", "slower", 6_000_000),
    ]
    assert [row.state for row in against(shelf(2).trace(), known)] == ["same", "same", "added"]


def test_of_few_traces_nothing_is_usual() -> None:
    assert not Usual().is_known
    assert not usual([shelf().trace()] * 4).is_known
