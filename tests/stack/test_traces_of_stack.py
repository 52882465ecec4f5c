"""Which spans a shop that runs already exports, and to which backends."""

import json
import time
import urllib.request

import pytest

from shared.topology import SERVICES
from tests.stack.running import Customer, Stack
from traces.testing import Tracing

PATIENCE, PAUSE = 15, 0.2
TRACED = {row.name for row in SERVICES if row.traced}
STATUS = "/orders/12345"
ORDER = {
    "firstname": "Eric",
    "lastname": "Lindqvist",
    "address": {
        "street": "1 Main Street",
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
    "cart": [
        {"id": "pour-over-kettle", "description": "A kettle", "quantity": "1", "price": "34.99"}
    ],
}


def everywhere(stack: Stack, customer: Customer) -> None:
    """Has every service do something."""
    urllib.request.urlopen(f"{stack.shop}/products", timeout=10).close()
    for path in (STATUS, "/articles/v1/?with_suggested=1"):
        assert customer.ask(path)[0] == 200, path
    status, login = customer.ask("/login/", username="eric", password=stack.password)
    assert status == 200
    customer.token = login["access_token"]
    status, _ = customer.ask(f"/order/add/{login['token']}", **ORDER)
    assert status == 201


def services_of(backend: str) -> set[str]:
    with urllib.request.urlopen(f"{backend}/api/v3/services", timeout=10) as answer:
        return set(json.load(answer)["services"])


def test_every_service_sends_its_spans(stack: Stack, customer: Customer) -> None:
    everywhere(stack, customer)

    backends = [url for url in (stack.lens, stack.jaeger) if url]
    assert [eventually(url) for url in backends] == [set()] * len(backends)


def eventually(backend: str) -> set[str]:
    """Which services' spans are missing still after a while."""
    end = time.monotonic() + PATIENCE
    while (missing := TRACED - services_of(backend)) and time.monotonic() < end:
        time.sleep(PAUSE)
    return missing


def test_an_order_status_is_one_whole_trace(customer: Customer, traced: Tracing) -> None:
    with traced() as t:
        assert customer.ask(STATUS)[0] == 200

    t.expect_whole()
    assert t.edges() == {
        ("gateway", "auth"),
        ("gateway", "orders"),
        ("orders", "shipping"),
    }


@pytest.mark.parametrize("backend", ["jaeger", "tempo"])
def test_the_same_trace_is_in_every_backend(
    stack: Stack, customer: Customer, traced: Tracing, backend: str
) -> None:
    source = stack.backends().get(backend)
    if source is None:
        pytest.skip(f"ACME_STACK_{backend.upper()}_URL does not say where {backend} is")
    with traced() as t:
        customer.ask(STATUS)

    there = Tracing(source).whole(customer.last)

    assert {span.span_id for span in there.spans} == {span.span_id for span in t.spans}
    assert there.edges() == t.edges()
