"""The table of a trace: by operation, by service, or by whatever its spans have in common."""

import httpx
import pytest

from lens.views.statistics import keys_of, statistics
from tests.lens.made import MS, span, trace
from tests.lens.paged import Keep, plain
from tests.lens.pages_traces import articles, order_status
from traces.layout.waterfall import waterfall
from traces.model import Status

ROWS = waterfall(
    trace(
        span(1, ms=100, service="shop", name="order", kind="server", attributes={"tier": "gold"}),
        span(2, 1, at=10, ms=40, service="store", name="read", attributes={"rows": 2}),
        span(
            3, 1, at=60, ms=20, service="store", name="read", attributes={"rows": 2},
            status=Status.ERROR,
        ),
        span(4, 1, at=85, ms=5, service="store", name="write", attributes={"rows": [1]}),
    )
).rows  # fmt: skip


@pytest.mark.parametrize(
    ("by", "titles"),
    [
        ("operation", ["read", "order", "write"]),
        ("service", ["store", "shop"]),
        ("kind", ["internal", "server"]),
        ("status", ["unset", "error"]),
        ("rows", ["2", "none", "[1]"]),
        ("tier", ["none", "gold"]),
        ("resource.service.name", ["store", "shop"]),
        ("nowhere", ["none"]),
    ],
)
def test_spans_are_grouped_by_a_field_or_an_attribute(by: str, titles: list[str]) -> None:
    lines = statistics(ROWS, by)
    assert [line.title for line in lines] == titles
    assert sum(line.count for line in lines) == 4
    assert sum(line.self_ns for line in lines) == 100 * MS


def test_a_line_has_count_times_and_the_failed_span_first() -> None:
    read = statistics(ROWS)[0]
    assert (read.count, read.total_ns, read.average_ns) == (2, 60 * MS, 30 * MS)
    assert (read.p95_ns, read.longest_ns, read.errors) == (40 * MS, 40 * MS, 1)
    assert read.first.failed


@pytest.mark.parametrize(
    ("order", "first"),
    [("self", "read"), ("count", "read"), ("total", "order"), ("p95", "order"), ("errors", "read")],
)
def test_lines_are_sorted_by_a_column(order: str, first: str) -> None:
    assert statistics(ROWS, order=order)[0].title == first


def test_keys_to_group_by_are_offered() -> None:
    assert keys_of(ROWS) == ["operation", "service", "kind", "rows", "tier"]


async def test_the_page_groups_and_sorts(pages: httpx.AsyncClient, keep: Keep) -> None:
    made = articles(1)
    await keep(made, order_status(2))
    here = f"/trace/{made.trace_id}?view=table"
    by_kind = plain((await pages.get(f"{here}&by=kind&sort=count")).text)
    assert "client 8" in by_kind
    assert "server 9" in by_kind
    assert by_kind.index("server 9") < by_kind.index("client 8")
    by_service = plain((await pages.get(f"{here}&by=service")).text)
    assert "articles show one 9" in by_service
    odd = await pages.get(f"{here}&by=%22%3E%3Cscript%3E&sort=odd")
    assert odd.status_code == 200
    assert "<script>" not in odd.text
