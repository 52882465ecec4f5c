"""What a fault does, over real sockets: the answer, and the spans of both sides."""

import asyncio
from typing import Any

import pytest

from chaos.engine.model import Fault, Snapshot
from shared.errors import DeadlineExceeded, Unreachable, UpstreamError
from tests.chaos.engine.pair import Pair, error_type, marked, status_of, until
from tests.faulty import faults_in


async def test_an_error_answers_with_its_status(pair: Pair) -> None:
    pair.inject("server", type="error", status=503)

    error = await pair.fails(UpstreamError)

    assert isinstance(error, UpstreamError)
    assert (error.answered, error.detail) == (503, "[acmeshop fault the-fault] service unavailable")
    assert error_type(pair.server) == error_type(pair.client) == "503"
    assert status_of(pair.server) == status_of(pair.client) == 503
    assert (marked(pair.server), marked(pair.client)) == ("the-fault", None)
    assert [event.name for event in pair.server.events] == ["exception"]
    assert pair.done == []


async def test_a_clients_error_has_no_server_span(pair: Pair) -> None:
    pair.inject("client", type="error", status=503, retry_after=7)

    await pair.fails(UpstreamError)

    assert (error_type(pair.client), status_of(pair.client)) == ("503", 503)
    assert marked(pair.client) == "the-fault"
    assert len(pair.spans.get_finished_spans()) == 1


@pytest.mark.parametrize("side", ["server", "client"])
async def test_a_hidden_fault_looks_like_any_other(pair: Pair, side: str) -> None:
    for effect in ({"type": "error", "status": 500}, {"type": "latency", "ms": 1}):
        pair.inject(side, hidden=True, **effect)
        if effect["type"] == "error":
            error = await pair.fails(UpstreamError)
            assert "fault" not in f"{error} {getattr(error, 'detail', '')}"
        else:
            await pair.ask()

    exported = "".join(span.to_json() for span in pair.spans.get_finished_spans())
    assert "fault" not in exported
    runtime = pair.orders if side == "server" else pair.gateway
    span = pair.server if side == "server" else pair.client
    hit = list(faults_in(runtime).ledger)[-1]
    assert span.context is not None
    assert int(hit.span_id, 16) == span.context.span_id


async def test_an_exception_is_a_crash_of_the_route(pair: Pair) -> None:
    pair.inject("server", type="exception", name="KeyError", message="garden")

    await pair.fails(UpstreamError)

    assert (error_type(pair.server), status_of(pair.server)) == ("500", 500)
    [event] = pair.server.events
    assert (event.attributes or {})["exception.type"] == "KeyError"
    assert error_type(pair.client) == "500"


@pytest.mark.parametrize("side", ["server", "client"])
@pytest.mark.parametrize("position", ["before", "after"])
async def test_latency_is_an_error_of_nobody(pair: Pair, side: str, position: str) -> None:
    pair.inject(side, type="latency", ms=30, position=position)

    assert (await pair.ask())["id"] == "1"

    span = pair.server if side == "server" else pair.client
    assert error_type(pair.server) is None
    assert error_type(pair.client) is None
    assert (span.attributes or {})["acmeshop.fault.delay_ms"] == 30


async def test_late_after_the_work_means_that_it_was_done(pair: Pair) -> None:
    pair.wait_for(0.5)  # long enough for the work on a busy machine
    pair.inject("server", type="latency", ms=60_000, position="after")

    await pair.fails(DeadlineExceeded)

    assert pair.done == ["1"]
    assert error_type(pair.client) == "timeout"


@pytest.mark.parametrize("side", ["server", "client"])
@pytest.mark.parametrize("effect", [{"type": "hang"}, {"type": "latency", "ms": 60_000}])
async def test_who_waits_goes_on_when_the_fault_is_removed(
    pair: Pair, side: str, effect: dict[str, Any]
) -> None:
    pair.wait_for(60)
    pair.inject(side, **effect)
    faults = faults_in(pair.orders if side == "server" else pair.gateway)

    task = asyncio.create_task(pair.ask())
    await until(lambda: faults.waiting)
    faults.replace(Snapshot(revision=2))

    assert (await task)["id"] == "1"
    assert faults.waiting == 0
    assert error_type(pair.client) is None


async def test_who_hangs_goes_on_when_the_fault_expires(pair: Pair) -> None:
    pair.wait_for(60)
    fault = Fault.model_validate(
        {"id": "short-one", "ttl": "50ms", "effect": {"type": "hang", "max_s": 120}}
    )
    faults_in(pair.orders).replace(Snapshot(faults=(fault,)))

    assert (await pair.ask())["id"] == "1"


async def test_a_hang_that_nobody_ends_is_a_timeout_for_its_caller(pair: Pair) -> None:
    pair.wait_for(0.05)
    pair.inject("server", type="hang")

    await pair.fails(DeadlineExceeded)

    assert error_type(pair.client) == "timeout"
    assert pair.done == []


async def test_a_hang_that_ends_by_itself_is_a_reset(pair: Pair) -> None:
    pair.inject("server", type="hang", max_s=0.01)

    await pair.fails(Unreachable)

    assert error_type(pair.server) == "ConnectionResetError"
    assert error_type(pair.client) == "ReadError"


async def test_a_hang_that_its_caller_does_not_wait_for_is_a_reset_too(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    pair.wait_for(0.05)
    pair.inject("server", type="hang", max_s=0.2)

    await pair.fails(DeadlineExceeded)
    await until(lambda: len(pair.spans.get_finished_spans()) == 2)

    assert (error_type(pair.server), status_of(pair.server)) == ("ConnectionResetError", None)
    assert "crashed" not in caplog.text


@pytest.mark.parametrize(
    ("kind", "named"), [("refused", "ConnectError"), ("timeout", "ConnectTimeout")]
)
async def test_nobody_is_there(pair: Pair, kind: str, named: str) -> None:
    pair.inject("client", type="connect_error", kind=kind)

    await pair.fails(Unreachable)

    assert error_type(pair.client) == named
    assert status_of(pair.client) is None
    assert len(pair.spans.get_finished_spans()) == 1


@pytest.mark.parametrize(("position", "done"), [("before", []), ("after", ["placed"])])
async def test_a_connection_is_reset(pair: Pair, position: str, done: list[str]) -> None:
    pair.inject("server", type="reset", position=position)

    with pytest.raises(Unreachable):
        await pair.peer.post("/orders", dict, {})

    assert (error_type(pair.client), status_of(pair.client)) == ("ReadError", None)
    await until(lambda: len(pair.spans.get_finished_spans()) == 2)
    assert (error_type(pair.server), status_of(pair.server)) == ("ConnectionResetError", None)
    assert pair.done == done


async def test_a_get_that_was_reset_is_sent_again_by_the_connections_themselves(
    pair: Pair,
) -> None:
    pair.inject("server", type="reset")

    await pair.fails(Unreachable)

    await until(lambda: len(pair.spans.get_finished_spans()) == 3)
    assert faults_in(pair.orders).registry.tallies["the-fault"].fired == 2


@pytest.mark.parametrize(("position", "done"), [("before", []), ("after", ["1"])])
async def test_a_client_loses_its_connection(pair: Pair, position: str, done: list[str]) -> None:
    pair.inject("client", type="reset", position=position)

    await pair.fails(Unreachable)

    assert error_type(pair.client) == "ReadError"
    assert pair.done == done


async def test_a_body_ends_too_soon(pair: Pair) -> None:
    pair.inject("server", type="truncate", keep=0.5)

    await pair.fails(Unreachable)

    assert error_type(pair.client) == "ReadError"
    await until(lambda: len(pair.spans.get_finished_spans()) == 2)
    assert (error_type(pair.server), status_of(pair.server)) == ("ConnectionAbortedError", 200)


async def test_a_body_drips(pair: Pair) -> None:
    pair.inject("server", type="drip", chunk_bytes=50, interval_ms=10)

    assert (await pair.ask())["note"] == "x" * 200

    assert error_type(pair.client) is None


async def test_the_last_hit_runs_to_its_end(pair: Pair) -> None:
    pair.wait_for(60)
    effect = {"type": "drip", "chunk_bytes": 1, "interval_ms": 60_000}
    last = Fault.model_validate({"id": "last-one", "max_hits": 1, "effect": effect})
    faults_in(pair.orders).replace(Snapshot(faults=(last,)))

    task = asyncio.create_task(pair.ask())
    await until(lambda: faults_in(pair.orders).waiting)
    assert (await pair.ask())["id"] == "1"  # which is one too many
    assert not task.done()
    faults_in(pair.orders).replace(Snapshot())

    assert (await task)["id"] == "1"


async def test_a_drip_outlasts_no_deadline(pair: Pair) -> None:
    pair.wait_for(0.05)
    pair.inject("server", type="drip", chunk_bytes=1, interval_ms=100)

    await pair.fails(DeadlineExceeded)

    assert error_type(pair.client) == "timeout"


async def test_a_drip_stops_when_the_fault_is_removed(pair: Pair) -> None:
    pair.wait_for(60)
    pair.inject("server", type="drip", chunk_bytes=1, interval_ms=60_000)

    task = asyncio.create_task(pair.ask())
    await until(lambda: faults_in(pair.orders).waiting)
    faults_in(pair.orders).replace(Snapshot())

    assert (await task)["id"] == "1"


@pytest.mark.parametrize("side", ["server", "client"])
async def test_a_rate_limit_answers_429_to_a_caller_over_it(pair: Pair, side: str) -> None:
    pair.inject(side, type="rate_limit", per_second=0.001, burst=2)

    await pair.ask()
    await pair.ask()
    error = await pair.fails(UpstreamError)

    assert getattr(error, "answered", None) == 429
    assert (error_type(pair.client), status_of(pair.client)) == ("429", 429)
    assert error_type(pair.server) is None  # 4xx is no error of the server
    assert len(pair.done) == 2


async def test_a_call_without_its_context_begins_a_trace_of_its_own(pair: Pair) -> None:
    pair.inject("client", type="drop_context")

    await pair.ask()

    assert pair.client.context is not None
    assert pair.server.context is not None
    assert pair.server.parent is None
    assert pair.server.context.trace_id != pair.client.context.trace_id


async def test_burning_the_cpu_is_a_gap_in_the_span(pair: Pair) -> None:
    pair.inject("server", type="cpu", ms=20)

    assert (await pair.ask())["id"] == "1"

    assert (pair.server.end_time or 0) - (pair.server.start_time or 0) > 20e6
