"""Calls over gRPC, with real sockets: spans, errors, deadlines, faults, as over HTTP."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from typing import Any

import grpc
import httpx
import pytest
from google.protobuf.message import DecodeError
from grpc_health.v1 import health_pb2, health_pb2_grpc
from opentelemetry import baggage, trace
from opentelemetry import context as otel
from opentelemetry.trace import SpanKind, StatusCode

from shared.contracts import payment_pb2 as pb
from shared.contracts.payment import Charge
from shared.contracts.payment_messages import METHODS, charge_of, message_of
from shared.errors import (
    MEANINGS,
    BreakerOpen,
    DeadlineExceeded,
    NotFound,
    ShopError,
    TooManyRequests,
    Unavailable,
    Unreachable,
    UpstreamError,
)
from shared.grpc.client import rpc_peer
from shared.grpc.methods import Method
from shared.grpc.server import serve
from shared.grpc.status import CODES, HTTP, TABLE, details_of, refusal_in
from shared.grpc.wire import metadata_of
from shared.http import Breaker
from shared.http.peer import meaning_of
from shared.runtime import Runtime
from shared.telemetry.metrics.table import METRICS
from tests.shared.rpc import READ, free_port, line

CHARGE = pb.Charge(order_id="abc", state="CHARGE_STATE_CHARGED", amount_cents=3499)
TABLE_OF_METRICS = {row.name: row.attributes for row in METRICS}
NAME = "acmeshop.payment.v1.Payments/ReadCharge"
# Every error that a service can raise, and one for a status that has none of its own.
ERRORS = [*MEANINGS.values(), ShopError, Unreachable, BreakerOpen]


async def answering(_request: Any, _context: Any) -> pb.Charge:
    return CHARGE


def raising(error: BaseException) -> Any:
    async def behavior(_request: Any, _context: Any) -> pb.Charge:
        raise error

    return behavior


def code_on(span: Any) -> tuple[str, str | None, StatusCode]:
    found = span.attributes
    return (
        found["rpc.response.status_code"],
        found.get("error.type"),
        span.status.status_code,
    )


async def test_a_call_is_a_client_and_a_server_span_of_one_trace() -> None:
    async with line(answering) as opened:
        assert await opened.read() == CHARGE

        client, server = opened.span(SpanKind.CLIENT), opened.span(SpanKind.SERVER)

    assert client.name == server.name == NAME
    assert server.parent is not None
    assert server.parent.span_id == client.context.span_id
    assert dict(client.attributes or {}) == {
        "rpc.system.name": "grpc",
        "rpc.method": NAME,
        "rpc.response.status_code": "OK",
        "server.address": "127.0.0.1",
        "server.port": opened.port,
        "service.peer.name": "payment",
    }
    assert dict(server.attributes or {}) == {
        "rpc.system.name": "grpc",
        "rpc.method": NAME,
        "rpc.response.status_code": "OK",
        "server.address": "127.0.0.1",
        "server.port": opened.port,
        "client.address": "127.0.0.1",
    }
    assert client.status.status_code is server.status.status_code is StatusCode.UNSET


async def test_the_context_travels_in_metadata_with_its_baggage() -> None:
    found: dict[str, Any] = {}

    async def noting(_request: Any, context: Any) -> pb.Charge:
        found.update(baggage.get_all())
        found["metadata"] = dict(context.invocation_metadata())
        found["span"] = trace.get_current_span().get_span_context()
        return CHARGE

    async with line(noting) as opened:
        token = otel.attach(baggage.set_baggage("session.id", "ann"))
        await opened.read(headers={"idempotency-key": "abc"})
        otel.detach(token)

        assert found["span"] == opened.span(SpanKind.SERVER).context
    assert found["session.id"] == "ann"
    assert found["metadata"]["idempotency-key"] == "abc"
    assert "traceparent" in found["metadata"]


@pytest.mark.parametrize("sends", ["b3", "b3multi", "jaeger", "tracecontext"])
async def test_every_format_of_headers_is_metadata_too(sends: str) -> None:
    async with line(answering, ORDERS_OTEL_PROPAGATORS=sends) as opened:
        await opened.read()

        client, server = opened.span(SpanKind.CLIENT), opened.span(SpanKind.SERVER)
    assert server.context.trace_id == client.context.trace_id


async def test_a_profile_that_teaches_propagation_has_both_ends_say_what_they_saw() -> None:
    async with line(answering, ACME_PROFILE="mixed") as opened:
        await opened.read()

        client = opened.span(SpanKind.CLIENT).attributes or {}
        server = opened.span(SpanKind.SERVER).attributes or {}
    assert client["acmeshop.propagation.sent"] == ("b3multi",)
    assert server["acmeshop.propagation.found"] == ("b3multi",)
    assert server["acmeshop.propagation.read_as"] == "b3multi"


def test_what_gRPC_would_refuse_is_no_metadata() -> None:  # noqa: N802
    headers = httpx.Headers(
        {
            "Traceparent": "00-1",
            "uberctx-a!b": "1",
            "grpc-timeout": "1S",
            "a-bin": "x",
            "b": "a\x7f",
        }
    )

    assert metadata_of(headers) == [("traceparent", "00-1")]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
async def test_an_error_is_raised_here_as_its_http_answer_would_be(error: type[ShopError]) -> None:
    there = error("it is so")
    body = b'{"error": "%s", "detail": "it is so"}' % error.kind.encode()
    expected = meaning_of("payment", error.status, body, CODES[error.status].name)

    async with line(raising(there)) as opened:
        with pytest.raises(ShopError) as raised:
            await opened.read()
        client, server = opened.span(SpanKind.CLIENT), opened.span(SpanKind.SERVER)

    assert (type(raised.value), str(raised.value)) == (type(expected), str(expected))
    code = CODES[error.status].name
    assert code_on(client) == (code, code, StatusCode.ERROR)
    ours = error.status >= 500  # else it is the caller's mistake
    assert code_on(server) == (
        (code, code, StatusCode.ERROR) if ours else (code, None, StatusCode.UNSET)
    )


def test_every_code_of_grpc_is_in_the_table_once() -> None:
    assert [row.code for row in TABLE] == sorted(grpc.StatusCode, key=lambda code: code.value[0])
    assert set(HTTP) == set(grpc.StatusCode)
    assert CODES.keys() >= MEANINGS.keys() | {500}


def test_a_status_says_when_it_is_worth_another_try() -> None:
    error = TooManyRequests("slower")
    error.retry_after = 1.5

    details = details_of(error)

    assert refusal_in([("grpc-status-details-bin", details)]) == (429, "too_many_requests")
    assert b"google.rpc.RetryInfo" in details


@pytest.mark.parametrize(
    "metadata", [[], [("grpc-status-details-bin", b"\xff\xff")], [("other", b"x")]]
)
def test_a_status_of_somebody_else_says_no_error_of_ours(metadata: Any) -> None:
    assert refusal_in(metadata) is None


async def test_a_crash_is_answered_without_a_word_of_its_inside(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with line(raising(KeyError("4111111111111111"))) as opened:
        with pytest.raises(UpstreamError) as raised:
            await opened.read()
        server = opened.span(SpanKind.SERVER)

    assert str(raised.value) == "payment answered INTERNAL"
    assert "the log has the reason" in raised.value.detail
    assert code_on(server) == ("INTERNAL", "INTERNAL", StatusCode.ERROR)
    assert server.events[0].name == "exception"
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_a_method_that_is_not_there_is_an_upstream_error() -> None:
    unknown = Method("acmeshop.payment.v1.Payments/Refund", "POST", "/refunds", pb.Charge)

    async with line(answering) as opened:
        with pytest.raises(UpstreamError, match="payment answered UNIMPLEMENTED"):
            await opened.peer.call(unknown, pb.ReadChargeRequest(), pb.Charge)


async def test_a_message_that_is_too_long_is_refused() -> None:
    async with line(answering) as opened:
        with pytest.raises(UpstreamError, match="payment answered RESOURCE_EXHAUSTED"):
            await opened.read("a" * 65 * 1024)

        assert await opened.read() == CHARGE


async def test_an_answer_that_is_no_message_is_an_upstream_error() -> None:
    class Unreadable:
        @staticmethod
        def FromString(_content: bytes) -> Any:  # noqa: N802
            raise DecodeError

    method = replace(READ, answer=Unreadable)  # type: ignore[arg-type]

    async with line(answering) as opened:
        with pytest.raises(UpstreamError, match="payment answered OK in an unknown shape"):
            await opened.peer.call(method, pb.ReadChargeRequest(), pb.Charge)

        attributes = opened.span(SpanKind.CLIENT).attributes or {}
    assert attributes["error.type"] == "invalid_response"


async def test_nobody_there_is_unreachable_as_over_http() -> None:
    async with line(answering) as opened:
        peer = rpc_peer(opened.orders, "payment", f"http://127.0.0.1:{free_port()}")
        with pytest.raises(Unreachable):
            await peer.call(READ, pb.ReadChargeRequest(), pb.Charge)

        assert code_on(opened.span(SpanKind.CLIENT)) == (
            "UNAVAILABLE",
            "UNAVAILABLE",
            StatusCode.ERROR,
        )


async def test_the_deadline_travels_and_ends_the_work_on_both_sides() -> None:
    left: list[float] = []
    gone = asyncio.Event()

    async def waiting(_request: Any, context: Any) -> pb.Charge:
        left.append(context.time_remaining())
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()
        return CHARGE

    async with line(waiting, ACME_TIMEOUT_MS="300") as opened:
        with pytest.raises(DeadlineExceeded, match=r"payment did not answer within 0\.3 s"):
            await opened.read()
        async with asyncio.timeout(60):
            await gone.wait()
            while not opened.of_kind(SpanKind.SERVER):  # noqa: ASYNC110 - it ends soon after
                await asyncio.sleep(0.01)

        assert 0 < left[0] <= 0.3
        code = "DEADLINE_EXCEEDED"
        assert code_on(opened.span(SpanKind.CLIENT)) == (code, code, StatusCode.ERROR)
        # Whichever end notices first: it is over, or the caller has gone.
        assert code_on(opened.span(SpanKind.SERVER))[0] in {code, "CANCELLED"}


async def test_a_caller_who_gives_up_ends_the_work_and_that_is_no_error() -> None:
    begun, gone = asyncio.Event(), asyncio.Event()

    async def waiting(_request: Any, _context: Any) -> pb.Charge:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()
        return CHARGE

    async with line(waiting) as opened:
        call = asyncio.create_task(opened.read())
        async with asyncio.timeout(60):
            await begun.wait()
            call.cancel()
            with suppress(asyncio.CancelledError):
                await call
            await gone.wait()
            while not opened.of_kind(SpanKind.SERVER):  # noqa: ASYNC110 - it ends soon after
                await asyncio.sleep(0.01)

        for kind in (SpanKind.CLIENT, SpanKind.SERVER):
            assert code_on(opened.span(kind)) == ("CANCELLED", None, StatusCode.UNSET)


async def test_a_call_is_repeated_and_says_so() -> None:
    failures = iter([Unavailable("not now"), Unavailable("not now")])

    async def behavior(_request: Any, _context: Any) -> pb.Charge:
        for error in failures:
            raise error
        return CHARGE

    async with line(behavior) as opened:
        assert await opened.read(attempts=3) == CHARGE

        calls = sorted(opened.of_kind(SpanKind.CLIENT), key=lambda span: span.start_time or 0)
    resent = [(call.attributes or {}).get("http.request.resend_count") for call in calls]
    assert resent == [None, 1, 2]


async def test_a_refusal_is_not_repeated() -> None:
    async with line(raising(NotFound("no charge"))) as opened:
        with pytest.raises(NotFound, match="no charge"):
            await opened.read(attempts=3)

        assert len(opened.of_kind(SpanKind.CLIENT)) == 1


async def test_the_breaker_opens_and_its_span_has_no_status() -> None:
    async with line(raising(Unavailable("down")), Breaker(failures=2, seconds=60)) as opened:
        for _ in range(2):
            with pytest.raises(UpstreamError):
                await opened.read()
        with pytest.raises(BreakerOpen):
            await opened.read()

        last = opened.of_kind(SpanKind.CLIENT)[-1].attributes or {}
        assert len(opened.of_kind(SpanKind.SERVER)) == 2
    assert last["error.type"] == last["acmeshop.resilience.outcome"] == "breaker_open"
    assert "rpc.response.status_code" not in last


async def test_both_ends_measure_a_call_by_its_method_and_status() -> None:
    async with line(raising(NotFound("no charge")), OTEL_METRICS_EXPORTER="prometheus") as opened:
        with pytest.raises(NotFound):
            await opened.read()

        assert points(opened.orders, "rpc.client.call.duration") == [
            {
                "rpc.system.name": "grpc",
                "rpc.method": NAME,
                "server.address": "127.0.0.1",
                "server.port": opened.port,
                "rpc.response.status_code": "NOT_FOUND",
                "error.type": "NOT_FOUND",
            }
        ]
        assert points(opened.payment, "rpc.server.call.duration") == [
            {"rpc.system.name": "grpc", "rpc.method": NAME, "rpc.response.status_code": "NOT_FOUND"}
        ]


def points(runtime: Runtime, name: str) -> list[Any]:
    """The attributes of what a service has measured."""
    red = runtime.telemetry.metrics.red
    assert red is not None
    (metric,) = (one for one in red.produce().metrics if one.name == name)
    found = [point.attributes for point in metric.data.data_points]
    assert set(found[0] or {}) <= set(TABLE_OF_METRICS[name])
    return found


SERVER: dict[str, Any] = {"side": "server", "route": "GET /charges/{order_id}"}
CLIENT: dict[str, Any] = {"side": "client", "peer": "payment", "route": "GET /charges/{order_id}"}


@pytest.mark.parametrize(
    ("where", "effect", "raises", "code"),
    [
        (SERVER, {"type": "error", "status": 503}, UpstreamError, "UNAVAILABLE"),
        (SERVER, {"type": "error", "status": 404}, NotFound, "NOT_FOUND"),
        (SERVER, {"type": "error", "status": 418}, UpstreamError, "FAILED_PRECONDITION"),
        (SERVER, {"type": "exception", "name": "KeyError"}, UpstreamError, "INTERNAL"),
        (SERVER, {"type": "reset"}, Unreachable, "UNAVAILABLE"),
        (SERVER, {"type": "reset", "position": "after"}, Unreachable, "UNAVAILABLE"),
        (SERVER, {"type": "truncate"}, Unreachable, "UNAVAILABLE"),
        (SERVER, {"type": "hang", "max_s": 0.01}, Unreachable, "UNAVAILABLE"),
        (SERVER, {"type": "latency", "ms": 1}, None, "OK"),
        (SERVER, {"type": "latency", "ms": 1, "position": "after"}, None, "OK"),
        (SERVER, {"type": "drip", "chunk_bytes": 4, "interval_ms": 1}, None, "OK"),
        (CLIENT, {"type": "error", "status": 503}, UpstreamError, "UNAVAILABLE"),
        (CLIENT, {"type": "connect_error"}, Unreachable, "UNAVAILABLE"),
        (CLIENT, {"type": "connect_error", "kind": "timeout"}, Unreachable, "UNAVAILABLE"),
        (CLIENT, {"type": "reset", "position": "after"}, Unreachable, "UNAVAILABLE"),
        (CLIENT, {"type": "hang", "max_s": 0.01}, Unreachable, "UNAVAILABLE"),
        (CLIENT, {"type": "latency", "ms": 1}, None, "OK"),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else None,
)
async def test_faults_aimed_at_the_http_route_are_injected(
    where: dict[str, Any], effect: dict[str, Any], raises: type[ShopError] | None, code: str
) -> None:
    async with line(answering) as opened:
        opened.inject(where, **effect)
        if raises is None:
            assert await opened.read() == CHARGE
        else:
            with pytest.raises(raises):
                await opened.read()

        assert code_on(opened.span(SpanKind.CLIENT))[0] == code
        side = SpanKind.SERVER if where is SERVER else SpanKind.CLIENT
        marked = opened.span(side).attributes or {}
    assert marked["acmeshop.fault.id"] == "the-fault"


async def test_a_fault_may_be_aimed_at_one_order() -> None:
    async with line(answering) as opened:
        one = SERVER | {"match": {"attribute": {"order_id": "b"}}}
        opened.inject(one, type="error", status=503)

        assert await opened.read("a") == CHARGE
        with pytest.raises(UpstreamError):
            await opened.read("b")


async def test_a_context_that_is_dropped_breaks_the_trace() -> None:
    async with line(answering) as opened:
        opened.inject(CLIENT, type="drop_context")
        await opened.read()

        assert opened.span(SpanKind.SERVER).parent is None


async def test_a_client_without_a_deadline_tells_none() -> None:
    left: list[Any] = []

    async def noting(_request: Any, context: Any) -> pb.Charge:
        left.append(context.time_remaining())
        return CHARGE

    async with line(noting) as opened:
        opened.inject({"side": "point", "service": "orders"}, type="behavior", name="no_timeout")
        await opened.read()

    assert left == [None]


async def health(port: int) -> int:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
        status: int = answer.status
        return status


async def test_health_is_that_of_readyz_and_leaves_no_spans() -> None:
    async with line(answering) as opened:
        serving = await health(opened.port)
        opened.inject({"side": "server"}, type="unready")
        unready = await health(opened.port)

        assert opened.spans.get_finished_spans() == ()
    assert serving == health_pb2.HealthCheckResponse.SERVING
    assert unready == health_pb2.HealthCheckResponse.NOT_SERVING


async def test_a_port_that_is_taken_is_said() -> None:
    async with line(answering) as opened:
        with pytest.raises(OSError, match="another program may have it"):
            serve(opened.payment, opened.port, METHODS, lambda _: None)


@pytest.mark.parametrize("status", ["pending", "charged", "declined", "voiding", "voided"])
def test_a_charge_is_the_same_in_both_protocols(status: Any) -> None:
    charge = Charge(order_id="a", status=status, amount=34.99, transaction_id="t", reason="r")

    assert charge_of(message_of(charge)) == charge


def test_a_state_that_is_not_known_here_is_an_upstream_error() -> None:
    with pytest.raises(UpstreamError, match="unknown state"):
        charge_of(pb.Charge())
    with pytest.raises(UpstreamError, match="unknown state"):
        charge_of(pb.Charge(state=77))  # type: ignore[arg-type]
