"""The short waterfall: which spans have a row."""

from tests.traces.made import Made
from traces.layout.hops import MOST_ROWS, MOST_SPANS, hops


def test_a_call_and_its_work_are_one_row_and_stores_are_a_note() -> None:
    made = Made()
    root = made.root("GET /cart", 200)
    cart = made.hop("frontend", "cart", "GET /carts/{user_id}", root)
    for _ in range(2):
        made.span("cart", "HGETALL", cart, kind="client", db__system__name="redis")
    rows = hops(made.trace()).rows
    assert [(row.service, row.depth, row.stores) for row in rows] == [
        ("frontend", 0, ""),
        ("cart", 1, "redis ×2"),
    ]


def test_many_equal_calls_are_one_row_with_many_bars() -> None:
    made = Made()
    root = made.root("GET /journal", 200)
    for number in range(24):
        made.hop("articles", "suggestions", "GET /s/{id}", root, at=(number, number + 1))
    first, second = hops(made.trace()).rows
    assert (first.times, second.times) == (1, 24)
    assert all(bar.x >= 0 and bar.x + bar.width <= 1000 for bar in second.bars)


def test_a_long_waterfall_is_cut_but_never_its_failures() -> None:
    made = Made()
    root = made.root("GET /x", 200)
    for number in range(30):
        made.hop("frontend", "gateway", f"GET /{number}", root, status=500 if number > 27 else 200)
    fall = hops(made.trace())
    assert len(fall.rows) == MOST_ROWS
    assert fall.more == 31 - MOST_ROWS
    assert sum(row.failed for row in fall.rows) == 2


def test_a_huge_trace_is_not_drawn() -> None:
    made = Made()
    root = made.root("GET /x", 200)
    for _ in range(MOST_SPANS):
        made.span("frontend", "work", root, kind="internal")
    assert hops(made.trace()).rows == ()
