"""Tests of a shop that runs already: skipped unless ACME_STACK_URL says where.

`ACME_STACK_GATEWAY_URL` and `ACME_STACK_LENS_URL` are needed, too; with `ACME_STACK_JAEGER_URL` and
`ACME_STACK_TEMPO_URL` these backends are read as well. The shop is to be one that does not fail
and keeps every trace: `ACME_FAULTS=calm docker compose up`.
"""

import pytest

from tests.e2e.conftest import chromium, page
from tests.stack.running import Customer, Stack
from traces.testing import Tracing

__all__ = ["chromium", "page"]


@pytest.fixture
def stack() -> Stack:
    found = Stack.read()
    if not (found.shop and found.gateway and found.lens):
        pytest.skip("no running shop: ACME_STACK_URL, _GATEWAY_URL and _LENS_URL say where")
    return found


@pytest.fixture
def customer(stack: Stack) -> Customer:
    return Customer(stack)


@pytest.fixture
def traced(customer: Customer) -> Tracing:
    """Here traces are read from a backend, and not from the test's own process."""
    return customer.tracing
