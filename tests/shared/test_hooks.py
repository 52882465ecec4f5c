"""Hooks that do nothing: what is given is what comes back."""

import inspect
from typing import Any

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.hooks import NO_HOOKS, Hooks, NoHooks
from shared.http import CallPolicy
from shared.runtime import Runtime
from shared.settings import OrdersSettings


def test_a_service_has_no_hooks_unless_it_is_given_some() -> None:
    assert inspect.signature(Runtime.open).parameters["hooks"].default is NO_HOOKS


async def test_they_change_nothing() -> None:
    wire: Any = object()
    app: Any = object()
    work: Any = object()
    handle: Any = object()
    policy = CallPolicy(1)

    assert NO_HOOKS.policy("orders", policy, "GET") is policy
    assert NO_HOOKS.transport(wire, "orders") is wire
    assert NO_HOOKS.route(app, "/order/{order_id}") is app
    assert NO_HOOKS.publisher(work, "order.placed") is work
    assert NO_HOOKS.handler(handle, "order.placed") is handle
    assert NO_HOOKS.choose("normal", n_plus_one="other")(tag="tea") == "normal"
    assert NO_HOOKS.share_key() == ""
    assert NO_HOOKS.is_ready()
    assert NO_HOOKS.notice({"session.id": "s-ann"}) is None
    async with NO_HOOKS.connection("SELECT", "orders"):
        await NO_HOOKS.operation("SELECT", "orders")
    await NO_HOOKS.point("payment.charge", order="7")


def test_they_are_all_there_is_to_implement() -> None:
    def names(kind: type) -> set[str]:
        return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if name[0] != "_"}

    assert names(NoHooks) == names(Hooks)


async def test_a_runtime_gives_its_parts_the_hooks_of_the_service() -> None:
    async with Runtime.open(OrdersSettings(), exporter=InMemorySpanExporter()) as runtime:
        assert runtime.hooks is NO_HOOKS
        assert runtime.peers.service("cart").name == "cart"
