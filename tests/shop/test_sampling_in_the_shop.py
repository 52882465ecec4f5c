"""Samplers in the shop: traces begin at the gateway, and the other services follow it."""

import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import uvicorn
from anyio import sleep

from acme.sampling.compare.band import band
from lens.app import Options, create_app, open_store
from lens.domain.strategies import Strategies, Strategy
from lens.store.strategies import StrategyStore
from tests.conftest import CALM, OpenShop
from tests.inprocess import Shop

ORDER = "/orders/12345"
PATIENCE = 10.0
ONLY = pytest.mark.services("gateway", "auth", "users", "orders", "shipping")


def traces(shop: Shop) -> Counter[int]:
    """How many spans each recorded trace has."""
    spans = shop.spans.get_finished_spans()
    return Counter(span.context.trace_id for span in spans if span.context)


@pytest.mark.slow
@ONLY
async def test_400_requests_at_a_quarter_are_in_the_band_and_every_trace_is_whole(
    shop_with: OpenShop,
) -> None:
    ratio = {"OTEL_TRACES_SAMPLER": "probabilistic", "OTEL_TRACES_SAMPLER_ARG": "0.25"}
    shop = await shop_with(**CALM, **ratio)
    random.seed(7)  # of the ids
    for _ in range(400):
        await shop.get(ORDER)
    found = traces(shop)
    low, high = band(400, 0.25)
    assert low <= len(found) <= high
    assert len(set(found.values())) == 1, "a trace that is recorded is recorded everywhere"
    spans = shop.spans.get_finished_spans()
    ids = {span.context.span_id for span in spans if span.context}
    assert all(span.parent is None or span.parent.span_id in ids for span in spans)


@ONLY
async def test_a_rate_limit_keeps_no_more_than_rate_and_burst(shop_with: OpenShop) -> None:
    limit = {"OTEL_TRACES_SAMPLER": "ratelimiting", "OTEL_TRACES_SAMPLER_ARG": "3"}
    shop = await shop_with(**CALM, **limit)
    begun = time.monotonic()
    for _ in range(30):
        await shop.get(ORDER)
    kept = len(traces(shop))
    assert 3 <= kept <= 3 + 3 * (time.monotonic() - begun)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, StrategyStore]]:
    """The address at which lens answers remote samplers, and the strategies that it answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        options = Options(data=tmp_path / "lens", sampling_port=port)
        store = open_store(options)
        config = uvicorn.Config(create_app(store, options), log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield f"http://127.0.0.1:{port}", store.strategies
        server.should_exit = True
        thread.join()
        store.close()


@ONLY
async def test_a_remote_sampler_follows_an_edit_with_its_next_poll(
    shop_with: OpenShop, served: tuple[str, StrategyStore]
) -> None:
    endpoint, strategies = served
    polling = f"endpoint={endpoint},pollingIntervalMs=20,initialSamplingRate=0"
    remote = {"OTEL_TRACES_SAMPLER": "remote", "OTEL_TRACES_SAMPLER_ARG": polling}
    shop = await shop_with(**CALM, **remote)

    async def polled_since(moment: int) -> None:
        """Returns once the gateway has polled twice more, and so has read the first answer."""
        for _ in range(2):
            end = time.monotonic() + PATIENCE
            while strategies.polled.get("gateway", 0) <= moment:
                assert time.monotonic() < end, "the gateway does not poll"
                await sleep(0.005)
            moment = strategies.polled["gateway"]

    async def recorded() -> bool:
        shop.spans.clear()
        await shop.get(ORDER)
        return bool(shop.spans.get_finished_spans())

    for share in (1, 0, 1):
        strategy = Strategy(type="probabilistic", param=share)
        strategies.change(partial(Strategies.with_service, service="gateway", strategy=strategy))
        await polled_since(time.time_ns())
        assert await recorded() is bool(share)
