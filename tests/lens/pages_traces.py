"""Traces of the shop as its services would send them, made by hand for the tests of the pages."""

import time
from collections.abc import Mapping
from random import Random
from typing import Any

from traces.model import Event, Kind, Link, LogLine, Span, Status

MS = 1_000_000
SERVER, CLIENT, INTERNAL = Kind.SERVER, Kind.CLIENT, Kind.INTERNAL
STACK = (
    "Traceback (most recent call last):\n"
    '  File "/app/services/auth/routes.py", line 21, in check_token\n'
    "    raise ShopError('auth cannot tell who is asking', 500)\n"
    "shared.errors.ShopError: auth cannot tell who is asking\n"
)


class Recorder:
    """Builds the spans of one trace; times are milliseconds after its start."""

    def __init__(self, number: int, start_ns: int | None = None) -> None:
        self.trace_id = f"{0xACE0 << 64 | number:032x}"
        self.start_ns = time.time_ns() - 2_000 * MS if start_ns is None else start_ns
        self.spans: list[Span] = []
        self.logs: list[LogLine] = []

    def span(  # in the order one reads a row of a waterfall
        self,
        service: str,
        name: str,
        kind: Kind,
        start: float,
        took: float,
        parent: Span | None = None,
        attributes: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Span:
        span = Span(
            trace_id=self.trace_id,
            span_id=f"{(int(self.trace_id[-12:], 16) << 16 | len(self.spans) + 1):016x}",
            parent_id=parent.span_id if parent else None,
            service=service,
            name=name,
            kind=kind,
            start_ns=self.start_ns + round(start * MS),
            end_ns=self.start_ns + round((start + took) * MS),
            attributes=attributes or {},
            resource={
                "service.name": service,
                "service.namespace": "acmeshop",
                "service.version": "0.1.0",
                "process.pid": 4711,
            },
            scope="acmeshop.telemetry",
            scope_version="0.1.0",
            **more,
        )
        self.spans.append(span)
        return span

    def log(self, span: Span, after: float, severity: str, body: str) -> None:
        at = span.start_ns + round(after * MS)
        self.logs.append(LogLine(at, self.trace_id, span.span_id, span.service, severity, body))


def server(path: str, route: str, status: int) -> dict[str, Any]:
    return {
        "http.request.method": "GET",
        "http.route": route,
        "http.response.status_code": status,
        "url.path": path,
        "url.scheme": "http",
        "server.address": "127.0.0.1",
        "network.protocol.version": "1.1",
        "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0",
    }


def client(url: str, status: int, peer: str) -> dict[str, Any]:
    return {
        "http.request.method": "GET",
        "http.response.status_code": status,
        "url.full": url,
        "server.address": peer,
        "server.port": 443 if peer == "carrier" else 5001,
    }


def order_status(
    number: int,
    start_ns: int | None = None,
    *,
    auth_fails: bool = False,
    carrier_fails: bool = False,
) -> Recorder:
    """`GET /orders/{id}` through the whole chain, or as far as it got."""
    take = Random(number)  # draws lengths, not secrets
    made = Recorder(number, start_ns)
    slow = take.lognormvariate(0, 0.5)
    auth_ms, ship_ms = 6 + 4 * slow, 14 + 26 * slow
    total = auth_ms + 6 if auth_fails else auth_ms + ship_ms + 22
    order = 12345 + number % 10
    answer = 503 if auth_fails else 200
    failed: dict[str, Any] = {"status": Status.ERROR}
    root = made.span(
        "gateway",
        "GET /orders/{id}",
        SERVER,
        0,
        total,
        None,
        {**server(f"/orders/{order}", "/orders/{id}", answer), "acmeshop.order.id": str(order)},
        **(failed if auth_fails else {}),
    )
    made.log(root, 0.4, "INFO", f"order {order} requested by guest")
    ask = made.span(
        "gateway",
        "GET /auth",
        CLIENT,
        1,
        auth_ms + 2,
        root,
        client("http://127.0.0.1:5001/auth", 500 if auth_fails else 200, "127.0.0.1"),
        **(failed if auth_fails else {}),
    )
    fault: dict[str, Any] = {}
    if auth_fails:
        exception = {
            "exception.type": "shared.errors.ShopError",
            "exception.message": "auth cannot tell who is asking",
            "exception.stacktrace": STACK,
        }
        event = Event(made.start_ns + round((auth_ms - 1) * MS), "exception", exception)
        fault = {**failed, "events": (event,)}
    auth = made.span(
        "auth",
        "GET /auth",
        SERVER,
        2,
        auth_ms,
        ask,
        {
            **server("/auth", "/auth", 500 if auth_fails else 200),
            "acmeshop.user.id": "guest",
            **({"acmeshop.fault.id": "auth-failure"} if auth_fails else {}),
        },
        **fault,
    )
    if auth_fails:
        made.log(auth, auth_ms - 1, "ERROR", "auth cannot tell who is asking")
        made.log(root, total - 0.3, "WARN", "answered 503: Auth Service gave an error")
        return made
    at = auth_ms + 4
    to_orders = made.span(
        "gateway",
        "GET /order/{order_id}",
        CLIENT,
        at,
        ship_ms + 15,
        root,
        client(f"http://127.0.0.1:5002/order/{order}", 200, "127.0.0.1"),
    )
    orders = made.span(
        "orders",
        "GET /order/{order_id}",
        SERVER,
        at + 1,
        ship_ms + 13,
        to_orders,
        {**server(f"/order/{order}", "/order/{order_id}", 200), "acmeshop.order.id": str(order)},
    )
    query = 'SELECT "body" FROM "orders" WHERE "id" = ?'
    made.span(
        "orders",
        "SELECT orders",
        CLIENT,
        at + 2,
        3,
        orders,
        {
            "db.system.name": "sqlite",
            "db.operation.name": "SELECT",
            "db.collection.name": "orders",
            "db.query.text": query,
        },
    )
    to_shipping = made.span(
        "orders",
        "GET /order/{order_id}/status",
        CLIENT,
        at + 6,
        ship_ms + 6,
        orders,
        client(f"http://127.0.0.1:5003/order/{order}/status", 200, "127.0.0.1"),
    )
    shipping = made.span(
        "shipping",
        "GET /order/{order_id}/status",
        SERVER,
        at + 7,
        ship_ms + 4,
        to_shipping,
        {
            **server(f"/order/{order}/status", "/order/{order_id}/status", 200),
            **({"acmeshop.resilience.outcome": "fallback"} if carrier_fails else {}),
        },
        events=(Event(made.start_ns + round((at + 8) * MS), "shipment.found", {"parcels": 2}),),
        links=(Link(f"{0xACE0 << 64 | max(1, number - 1):032x}", f"{1:016x}"),),
    )
    made.span(
        "shipping",
        "GET /parcels/{id}",
        CLIENT,
        at + 9,
        ship_ms,
        shipping,
        {
            **client("https://carrier/parcels/77", 503 if carrier_fails else 200, "carrier"),
            **(
                {"error.type": "503", "acmeshop.fault.id": "shipping-failure"}
                if carrier_fails
                else {}
            ),
        },
        **(failed if carrier_fails else {}),
    )
    if carrier_fails:
        made.log(shipping, ship_ms + 3, "WARN", "carrier answered 503, status is unknown")
    return made


def articles(number: int, start_ns: int | None = None) -> Recorder:
    """The journal with suggestions: one call per article, one after the other."""
    made = Recorder(number, start_ns)
    root = made.span(
        "articles",
        "GET /articles/v1/",
        SERVER,
        0,
        92,
        None,
        server("/articles/v1/", "/articles/v1/", 200),
    )
    for turn in range(8):
        at = 4 + turn * 11
        route = "/suggestions/v1/{id}"
        address = f"http://127.0.0.1:8002/suggestions/v1/{turn}"
        call = made.span(
            "articles", f"GET {route}", CLIENT, at, 9.5, root, client(address, 200, "127.0.0.1")
        )
        path = f"/suggestions/v1/{turn}"
        made.span(
            "suggestions", f"GET {route}", SERVER, at + 1, 7.5, call, server(path, route, 200)
        )
    return made


def large(number: int, spans: int, start_ns: int | None = None) -> Recorder:
    """A trace of that many spans in bushes of twenty, with a failure here and there."""
    made = Recorder(number, start_ns)
    root = made.span("gateway", "POST /import", SERVER, 0, spans, None)
    bush = root
    for at in range(1, spans):
        if at % 20 == 1:
            bush = made.span("orders", "POST /order", SERVER, at, 19.0, root)
            continue
        failed: dict[str, Any] = (
            {"status": Status.ERROR, "status_message": "no stock"} if at % 97 == 0 else {}
        )
        parent = made.spans[-1] if at % 4 == 0 else bush
        service = "shipping" if at % 2 or parent.service == "shipping" else "orders"
        attributes = server(f"/step/{at}", "/step/{n}", 500 if failed else 200)
        made.span(service, "GET /step/{n}", SERVER, at, 0.9, parent, attributes, **failed)
    return made
