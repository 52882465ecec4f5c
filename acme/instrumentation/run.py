"""Places one order in a temporary shop of each instrumentation, and reads its trace from lens."""

import json
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Any

from acme.bench.measure import CALM
from acme.ephemeral import ephemeral_shop
from acme.instrumentation.outline import facts, kinds, names, outline, summary
from acme.launcher.exposure import PUBLISHED
from traces.model import Trace
from traces.testing import Backend, Tracing

INSTRUMENTATIONS = ("manual", "native", "auto")
USER = "eric"
TIMEOUT = 30.0
ORDER = {
    "firstname": "Eric",
    "lastname": "Buyer",
    "address": {
        "street": "1 Main St",
        "city": "Springfield",
        "zip": "97477",
        "state": "OR",
        "country": "USA",
    },
    "email": "eric@example.com",
    "delivery": "UPS/FEDEX",
    "card": {
        "type": "visa",
        "number": "4111111111111111",
        "expMonth": "12",
        "expYear": "2099",
        "ccv": "123",
    },
    "cart": [{"id": "pour-over-kettle", "description": "Kettle", "quantity": 2, "price": 35.95}],
    "total": 71.9,
}


@dataclass(frozen=True)
class Compared:
    """The traces of one order, by who made the spans."""

    traces: Mapping[str, Trace]

    @property
    def passed(self) -> bool:
        """Whether all show the same calls between services, by spans of the same kinds."""
        return len({(trace.edges, kinds(trace)) for trace in self.traces.values()}) == 1

    def as_json(self) -> dict[str, Any]:
        return {
            name: {
                **{what.strip(): values[0] for what, values in facts([trace])},
                "edges": sorted(trace.edges),
                "attribute_names": sorted(names(trace)),
                "tree": outline(trace).splitlines(),
            }
            for name, trace in self.traces.items()
        }


def compare(wanted: Sequence[str], say: Callable[[str], None]) -> Compared:
    """Raises TimeoutError when a shop does not start, or its trace does not come."""
    found = {}
    for name in wanted:
        say(f"An order in a shop with ACME_INSTRUMENTATION={name} ...")
        with ephemeral_shop(
            {**CALM, "DEMO_PASSWORD": PUBLISHED, "ACME_INSTRUMENTATION": name}
        ) as shop:
            trace_id = place_order(shop.urls["gateway"])
            try:
                found[name] = Tracing(Backend(shop.urls["lens"])).whole(trace_id).trace
            except AssertionError as error:
                raise TimeoutError(str(error)) from None
    return Compared(found)


def place_order(gateway: str) -> str:
    """Places an order as one of the demo users; answers the id of its trace."""
    _, login = post(f"{gateway}/login/", {"username": USER, "password": PUBLISHED})
    headers, _ = post(f"{gateway}/order/add/{login['token']}", ORDER, login["access_token"])
    return headers["traceresponse"].split("-")[1]


def post(url: str, body: Any, token: str = "") -> tuple[Message, Any]:
    """The headers and the JSON that a service answers."""
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - loopback
        return answer.headers, json.load(answer)


def show(compared: Compared) -> None:
    for name, trace in compared.traces.items():
        print(f"{name}\n\n{outline(trace)}\n")
    print(summary(compared.traces))
    if not compared.passed:
        print("They do not show the same calls between services.")
