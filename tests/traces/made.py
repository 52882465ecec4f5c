"""Traces made up by hand, as lens would have them."""

from dataclasses import replace
from typing import Any

from traces.formats.story import story_json
from traces.model import Event, Kind, Span, Status, Trace

MS = 1_000_000
T0 = 1_795_000_000_000_000_000
TRACE_ID = "ace0" * 8


class Made:
    """Spans on a clock in milliseconds: `made.span(...)` gives the id for its children."""

    def __init__(self) -> None:
        self.spans: list[Span] = []

    def span(
        self,
        service: str,
        name: str,
        parent: str | None = None,
        *,
        kind: str = "server",
        at: tuple[float, float] = (0, 10),
        failed: bool = False,
        events: tuple[Event, ...] = (),
        **attributes: Any,
    ) -> str:
        span_id = f"{len(self.spans) + 1:016x}"
        self.spans.append(
            Span(
                TRACE_ID,
                span_id,
                parent,
                service,
                name,
                Kind[kind.upper()],
                T0 + int(at[0] * MS),
                T0 + int(at[1] * MS),
                Status.ERROR if failed else Status.UNSET,
                attributes={key.replace("__", "."): value for key, value in attributes.items()},
                events=events,
            )
        )
        return span_id

    def call(self, caller: str, callee: str, name: str, parent: str, **more: Any) -> str:
        """A CLIENT span; `status` and `error` are those of the call."""
        status, error = more.pop("status", None), more.pop("error", None)
        known: dict[str, Any] = {"service__peer__name": callee}
        known |= {"http__response__status_code": status} if status else {}
        known |= {"error__type": error} if error else {}
        return self.span(caller, name, parent, kind="client", **known, **more)

    def hop(self, caller: str, callee: str, name: str, parent: str, **more: Any) -> str:
        """A call and the work it caused; gives the callee's span."""
        status = more.get("status", 200)
        call = self.call(
            caller, callee, name, parent, **{**more, "status": status, "failed": status >= 400}
        )
        more = {key: value for key, value in more.items() if key not in {"status", "failed"}}
        known: dict[str, Any] = {"http__response__status_code": status}
        return self.span(callee, name, call, failed=status >= 500, **known, **more)

    def root(self, name: str, status: int, at: tuple[float, float] = (0, 40), **more: Any) -> str:
        known: dict[str, Any] = {"http__response__status_code": status}
        return self.span("frontend", name, at=at, failed=status >= 500, **known, **more)

    def trace(self) -> Trace:
        return Trace(TRACE_ID, tuple(sorted(self.spans, key=lambda span: span.start_ns)))

    def story(self, trace_id: str = TRACE_ID) -> dict[str, Any]:
        """As lens answers it."""
        return story_json(replace(self.trace(), trace_id=trace_id))


def checkout(bank: int = 200) -> Made:
    """A checkout through the bank, which answers with this status after 212 ms."""
    made, status = Made(), 200 if bank == 200 else 402 if bank == 402 else 503
    root = made.root("POST /checkout", 303 if status == 200 else status, at=(0, 260))
    gateway = made.hop("frontend", "gateway", "POST /order/add/{user_id}", root, status=status)
    made.hop("gateway", "auth", "GET /auth", gateway)
    orders = made.hop("gateway", "orders", "POST /users/{user_id}/orders", gateway, status=status)
    payment = made.hop("orders", "payment", "POST /charges", orders, status=status)
    made.call(
        "payment",
        "bank",
        "POST /v1/charges",
        payment,
        status=bank,
        failed=bank >= 400,
        at=(20, 232),
    )
    return made


def order_status(*, carrier: int = 200, auth: int = 200) -> Made:
    """The request for an order's status, from the frontend to the carrier."""
    made = Made()
    status = 200 if auth == 200 else 503
    root = made.root("GET /orders/{order_id}", status)
    gateway = made.hop("frontend", "gateway", "GET /orders/{order_id}", root, status=status)
    made.hop("gateway", "auth", "GET /auth", gateway, status=auth, at=(1, 3))
    if auth == 200:
        orders = made.hop("gateway", "orders", "GET /order/{order_id}", gateway)
        shipping = made.hop(
            "orders",
            "shipping",
            "GET /order/{order_id}/status",
            orders,
            status=200 if carrier == 200 else 502,
        )
        made.call(
            "shipping",
            "carrier",
            "GET /v1/tracking/{tracking}",
            shipping,
            status=carrier,
            failed=carrier >= 400,
            at=(5, 17),
        )
    return made
