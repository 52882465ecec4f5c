"""The page of a trace shows the traces that links join to it."""

from pathlib import Path

import httpx

from lens.app import Options, create_app
from lens.store import TraceStore
from tests.lens.made import span, span_id, trace_id
from tests.lens.paged import plain
from traces.model import Link


async def test_a_batch_and_its_orders_lead_to_one_another(
    store: TraceStore, tmp_path: Path
) -> None:
    orders = [span(1, trace=number, service="orders", name="POST /orders") for number in (1, 2)]
    packed = [
        span(1, trace=10 + n, service="shipping", name="pack order", links=(to(n),), at=1000)
        for n in (1, 2)
    ]
    links = (to(11), to(12), to(99))
    batch = span(1, trace=20, service="shipping", name="shipping batch", links=links, at=9000)
    alone = span(1, trace=30)
    assert store.offer([*orders, *packed, batch, alone])
    await store.flushed()
    transport = httpx.ASGITransport(create_app(store, Options(tmp_path)))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:

        async def page(number: int) -> str:
            return (await client.get(f"/trace/{trace_id(number)}")).text

        from_order, from_batch, from_alone = await page(1), await page(20), await page(30)
    words = plain(from_order)
    assert "Related traces: 4 traces are joined to this one by links" in words
    assert "this trace, 1 span" in words
    assert "shipping shipping batch" in words
    assert "9 s later" in words
    assert f'href="/trace/{trace_id(20)}"' in from_order
    assert "8 s before" in plain(from_batch)
    assert f"{trace_id(99)[:12]}… not kept, or not here yet" in plain(from_batch)
    assert f'href="/trace/{trace_id(99)}"' not in from_batch
    assert "Related traces" not in from_alone


def to(number: int) -> Link:
    return Link(trace_id(number), span_id(1))
