"""What the shop measures while it is used, against the table of its metrics."""

from typing import Any

from opentelemetry.sdk.metrics.export import Histogram, Metric, Sum

from shared.telemetry.metrics.table import METRICS
from tests.inprocess import Shop
from tests.shop.mortal import until
from tests.shop.test_click import DEMO, at_the_checkout, spans_named

TABLE = {row.name: row for row in METRICS}
# The export of spans is measured where it is queued, which it is not in tests of this kind.
QUEUE = {name for name in TABLE if name.startswith("otel.sdk.")}
GRPC = {name for name in TABLE if name.startswith("rpc.")}  # see tests/shared/test_grpc.py


def measured(shop: Shop, service: str) -> dict[str, Metric]:
    """What one service has measured, by name."""
    collect = shop.runtimes[service].telemetry.metrics.collect
    assert collect is not None
    scopes = collect().resource_metrics[0].scope_metrics
    return {metric.name: metric for scope in scopes for metric in scope.metrics}


def kind(metric: Metric) -> str:
    if isinstance(metric.data, Histogram):
        return "histogram"
    if isinstance(metric.data, Sum):
        return "counter" if metric.data.is_monotonic else "updowncounter"
    return "gauge"


def points(metric: Metric) -> list[Any]:
    return list(metric.data.data_points)


async def checkout(shop: Shop) -> str:
    """A click that ends in a placed order which is shipped, and its trace."""
    visitor = await at_the_checkout(shop)
    await visitor.submit("/checkout", **DEMO)
    await until(lambda: bool(spans_named(shop, "process order.placed")))
    return visitor.trace_id


async def test_what_is_measured_is_in_the_table_and_the_table_has_no_more(shop: Shop) -> None:
    await checkout(shop)

    found: dict[str, set[str]] = {}
    for service in shop.runtimes:
        for name, metric in measured(shop, service).items():
            row = TABLE[name]
            assert (kind(metric), metric.unit) == (row.type, row.unit), name
            attributes = {key for point in points(metric) for key in point.attributes}
            assert attributes <= set(row.attributes), name
            found.setdefault(name, set()).add(service)
    assert found.keys() == TABLE.keys() - QUEUE - GRPC
    assert found["acmeshop.orders.placed"] == {"orders"}
    assert found["acmeshop.payment.charges"] == {"payment"}
    assert found["acmeshop.cart.size"] == {"cart"}
    assert found["acmeshop.stream.lag"] == {"shipping"}
    assert found["http.server.request.duration"] > {"frontend", "gateway", "auth", "orders"}


async def test_a_checkout_is_counted_where_it_is_decided_with_its_trace(shop: Shop) -> None:
    trace_id = await checkout(shop)

    (placed,) = points(measured(shop, "orders")["acmeshop.orders.placed"])
    (charged,) = points(measured(shop, "payment")["acmeshop.payment.charges"])
    (sizes,) = points(measured(shop, "cart")["acmeshop.cart.size"])
    assert (placed.value, charged.value, sizes.sum) == (1, 1, 2)
    assert charged.attributes == {"acmeshop.charge.outcome": "charged"}
    for point in (placed, charged):
        (exemplar,) = point.exemplars
        assert f"{exemplar.trace_id:032x}" == trace_id


async def test_a_declined_card_is_a_charge_of_its_own_kind_and_no_order(shop: Shop) -> None:
    visitor = await at_the_checkout(shop)
    await visitor.submit("/checkout", **{**DEMO, "number": "4000 0000 0000 0002"})

    (charge,) = points(measured(shop, "payment")["acmeshop.payment.charges"])
    assert charge.attributes == {"acmeshop.charge.outcome": "declined"}
    assert "acmeshop.orders.placed" not in measured(shop, "orders")
