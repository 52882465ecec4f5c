"""What is broken in the shop is named by the findings of its trace: a sample of what
`python -m scripts.explained` measures, in this process.
"""

from dataclasses import dataclass
from typing import Any

from chaos.engine.model import Fault
from scripts.explained.faults import Place
from scripts.explained.judge import alarms, names
from tests.inprocess import Shop
from tests.shop.faulted import behavior, fault, set_faults
from traces.findings import Surroundings, findings
from traces.model import Trace

ALL_SENDING = Surroundings(frozenset({"auth", "catalog", "orders", "shipping"}))


@dataclass(frozen=True)
class Broken:
    """A fault at a place, and a request that meets it."""

    side: str
    service: str
    peer: str
    at: str
    effect: dict[str, Any]
    path: str = "/orders/12345"

    @property
    def place(self) -> Place:
        return Place(self.side, self.service, self.peer, self.at)

    @property
    def fault(self) -> Fault:
        """A hidden one: it leaves no mark on any span."""
        key = {"server": "route", "client": "route", "store": "operation"}[self.side]
        where = {key: self.at} | ({"peer": self.peer} if self.side == "client" else {})
        made = fault("broken", self.service, self.side, **where, **self.effect)
        return made.model_copy(update={"hidden": True})


STATUS, TRACKING = "GET /order/{order_id}/status", "GET /v1/tracking/{tracking}"
SLOW = {"type": "latency", "ms": 300}
BROKEN = [
    Broken("server", "auth", "", "GET /auth", {"type": "error", "status": 500}),
    Broken("server", "orders", "", "GET /order/{order_id}", {"type": "exception"}),
    Broken("server", "shipping", "", STATUS, SLOW),
    Broken("client", "shipping", "carrier", TRACKING, {"type": "error", "status": 503}),
    Broken("client", "shipping", "carrier", TRACKING, SLOW),
    Broken("client", "orders", "shipping", STATUS, {"type": "drop_context"}),
    Broken("client", "gateway", "orders", "GET /order/{order_id}", {"type": "connect_error"}),
    Broken("store", "orders", "sqlite", "SELECT orders", SLOW),
    Broken("store", "catalog", "sqlite", "SELECT products", {"type": "connect_error"}, "/products"),
]


def unmarked(trace: Trace) -> bool:
    return not any(key.startswith("acmeshop.fault") for s in trace.spans for key in s.attributes)


async def test_what_is_broken_is_named(shop: Shop) -> None:
    for path in ("/orders/12345", "/products"):  # what starts is not to be broken
        await shop.get(path)
    for broken in BROKEN:
        set_faults(shop, broken.fault)
        with shop.tracing() as t:
            await shop.get(broken.path)

        assert unmarked(t.trace)
        found = findings(t.trace, ALL_SENDING)
        assert names(found, broken.place), (broken, [one.sentence for one in found])


async def test_one_call_for_each_is_named(shop: Shop) -> None:
    set_faults(shop, behavior("catalog", "n_plus_one"))
    with shop.tracing() as t:
        await shop.get("/products")

    assert names(findings(t.trace), Place("store", "catalog", "sqlite", "SELECT products"))


async def test_of_what_is_not_broken_nothing_alarming_is_said(shop: Shop) -> None:
    for path in ("/orders/12345", "/products", "/articles/v1/"):
        await shop.get(path)  # the first request opens connections
        with shop.tracing() as t:
            assert (await shop.get(path)).status_code == 200

        assert [one.sentence for one in alarms(findings(t.trace, ALL_SENDING))] == []
