"""Traces made up by hand, as lens tells them."""

from typing import Any

MS = 1_000_000


class Told:
    """Spans on a clock in milliseconds: `told.span(...)` gives the id for its children."""

    def __init__(self) -> None:
        self.spans: list[dict[str, Any]] = []

    def span(
        self,
        service: str,
        name: str,
        parent: str | None = None,
        *,
        kind: str = "server",
        at: tuple[float, float] = (0, 10),
        failed: bool = False,
        **attributes: Any,
    ) -> str:
        span_id = f"{len(self.spans) + 1:016x}"
        self.spans.append(
            {
                "spanId": span_id,
                "parentSpanId": parent,
                "service": service,
                "name": name,
                "kind": kind,
                "startTimeUnixNano": str(int(at[0] * MS)),
                "endTimeUnixNano": str(int(at[1] * MS)),
                "status": "error" if failed else "unset",
                "attributes": {key.replace("__", "."): value for key, value in attributes.items()},
            }
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
        """A call and what the callee tells of it; gives the callee's span."""
        status = more.get("status", 200)
        call = self.call(
            caller, callee, name, parent, **{**more, "status": status, "failed": status >= 400}
        )
        more = {key: value for key, value in more.items() if key not in {"status", "failed"}}
        known: dict[str, Any] = {"http__response__status_code": status}
        return self.span(callee, name, call, failed=status >= 500, **known, **more)

    def root(self, name: str, status: int, at: tuple[float, float] = (0, 40)) -> str:
        known: dict[str, Any] = {"http__response__status_code": status}
        return self.span("frontend", name, at=at, failed=status >= 500, **known)

    def story(self) -> dict[str, Any]:
        """As lens tells it: a cause is a failed span below which nothing failed."""
        parents = {span["parentSpanId"] for span in self.spans if span["status"] == "error"}
        causes = [
            span["spanId"]
            for span in self.spans
            if span["status"] == "error" and span["spanId"] not in parents
        ]
        return {"spans": self.spans, "rootCauses": causes}


def checkout(bank: int = 200) -> Told:
    """A checkout through the bank, which answers with this status after 212 ms."""
    told, status = Told(), 200 if bank == 200 else 402 if bank == 402 else 503
    root = told.root("POST /checkout", 303 if status == 200 else status, at=(0, 260))
    gateway = told.hop("frontend", "gateway", "POST /order/add/{user_id}", root, status=status)
    told.hop("gateway", "auth", "GET /auth", gateway)
    orders = told.hop("gateway", "orders", "POST /users/{user_id}/orders", gateway, status=status)
    payment = told.hop("orders", "payment", "POST /charges", orders, status=status)
    told.call(
        "payment",
        "bank",
        "POST /v1/charges",
        payment,
        status=bank,
        failed=bank >= 400,
        at=(20, 232),
    )
    return told
