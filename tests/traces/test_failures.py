"""Failures of many traces are grouped by where they began."""

from typing import Any

import pytest

from tests.lens.pages_traces import CLIENT, SERVER, Recorder, order_status
from traces.failures import failures, shape_of
from traces.model import Event, Status, Trace


@pytest.mark.parametrize(
    ("message", "shape"),
    [
        ("order 12345 not found", "order … not found"),
        ("no stock of kettle: 3 wanted, 2.5 left", "no stock of kettle: … wanted, … left"),
        ("user 5f1d7e84-0b6a-4c3e-9f53-2f1c52e0a001 is gone", "user … is gone"),
        ("trace 4bf92f3577b34da6a3ce929d0e0e4736", "trace …"),
        ("<Object at 0x7f3a2b> broke", "<Object at …> broke"),
        ("10.0.0.17:5432 refused", "…:… refused"),
        ("facade is down", "facade is down"),
        ("a\n  b", "a b"),
        ("x" * 500, "x" * 199 + "…"),
        ("", ""),
    ],
)
def test_messages_that_differ_in_ids_and_numbers_have_one_shape(message: str, shape: str) -> None:
    assert shape_of(message) == shape


def traces(*recorded: Recorder) -> list[Trace]:
    return [Trace.of(one.trace_id, one.spans) for one in recorded]


def test_an_error_counts_where_it_began_and_not_where_it_passed() -> None:
    failed = [order_status(number, auth_fails=True) for number in (1, 2, 3)]
    found = failures(traces(*failed, order_status(4, carrier_fails=True), order_status(5)))
    assert [(one.kind.who, one.kind.operation, one.traces) for one in found.groups] == [
        ("auth", "GET /auth", 3),
        ("shipping's carrier", "GET /parcels/{id}", 1),
    ]
    auth, carrier = found.groups
    assert (auth.kind.error, auth.kind.message) == (
        "shared.errors.ShopError",
        "auth cannot tell who is asking",
    )
    assert (carrier.kind.error, carrier.kind.message) == ("HTTP 503", "")
    assert auth.entries == {("gateway", "GET /orders/{id}"): 3}
    assert [sample.span_id for sample in auth.samples] == [one.spans[2].span_id for one in failed]
    assert found.traces == 5


def test_several_failures_of_one_trace_count_once_as_a_trace() -> None:
    one = Recorder(1)
    root = one.span("orders", "POST /orders", SERVER, 0, 50)
    for turn in range(3):
        message = f"attempt {turn} of charge failed"
        event = Event(0, "exception", {"exception.type": "Timeout", "exception.message": message})
        failed: dict[str, Any] = {"status": Status.ERROR, "events": (event,)}
        one.span("orders", "charge", CLIENT, turn * 10, 5, root, **failed)
    (group,) = failures(traces(one)).groups
    assert (group.count, group.traces, group.kind.message) == (3, 1, "attempt … of charge failed")
    assert group.last_ns - group.first_ns == 20_000_000


@pytest.mark.parametrize(
    ("attributes", "message", "error"),
    [
        ({"error.type": "timeout"}, "", "timeout"),
        ({"http.response.status_code": 502}, "", "HTTP 502"),
        ({}, "out of paper", "error"),
        ({"error.type": ["a"]}, "", '["a"]'),
    ],
)
def test_without_an_exception_the_span_says_what_failed(
    attributes: dict[str, object], message: str, error: str
) -> None:
    one = Recorder(1)
    failed: dict[str, Any] = {"status": Status.ERROR, "status_message": message}
    one.span("orders", "work", SERVER, 0, 5, None, attributes, **failed)
    (group,) = failures(traces(one)).groups
    assert (group.kind.error, group.kind.message) == (error, message)
