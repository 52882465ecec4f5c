"""Calling another service, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from pydantic import BaseModel

from chaos.engine.policies import deadline_for_each_read
from shared.errors import (
    MEANINGS,
    REFUSALS,
    BadRequest,
    BreakerOpen,
    Conflict,
    DeadlineExceeded,
    Forbidden,
    NotFound,
    PaymentRequired,
    ShopError,
    Unauthorized,
    Unreachable,
    UpstreamError,
)
from shared.http import Breaker, CallPolicy, Peer, Wire
from shared.http.peer import path_of
from shared.http.policy import Exchange, within_deadline
from shared.settings import GatewaySettings
from shared.telemetry.provider import Telemetry
from shared.transport import Request, Response, Transport

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@asynccontextmanager
async def peer_that(
    script: Script,
    spans: InMemorySpanExporter,
    timeout: float = 5,
    breaker: Breaker | None = None,
    exchange: Exchange = within_deadline,
) -> AsyncIterator[Peer]:
    """A peer whose server does with each connection what the script says."""
    scripts: list[asyncio.Task[None]] = []

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        scripts.append(asyncio.ensure_future(script(reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    telemetry = Telemetry.open(GatewaySettings(), spans)
    transport = Wire()
    try:
        policy = CallPolicy(timeout, breaker=breaker, exchange=exchange)
        yield Peer("orders", f"http://127.0.0.1:{port}", transport, telemetry, policy.always)
    finally:
        await transport.aclose()
        server.close()
        if scripts:  # each hangs up when its caller has; until then its socket is open
            await asyncio.wait(scripts)


def answering(status: str, body: bytes = b"{}") -> Script:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    return script


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        await reader.read()
    writer.close()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers at once, and then a byte of the body now and then: no single read takes long."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
    with suppress(ConnectionError):
        while not reader.at_eof():
            writer.write(b" ")
            with suppress(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.02)
    writer.close()


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.close()


async def truncate(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
    await writer.drain()
    writer.close()


def only(spans: InMemorySpanExporter) -> ReadableSpan:
    [span] = spans.get_finished_spans()
    return span


async def test_a_success_is_its_json(spans: InMemorySpanExporter) -> None:
    async with peer_that(answering("200 OK", b'{"id": "1"}'), spans) as peer:
        assert await peer.get("/order/{order_id}", dict, order_id="1") == {"id": "1"}

    span = only(spans)
    assert span.name == "GET /order/{order_id}"
    assert span.status.status_code is StatusCode.UNSET


class Shipped(BaseModel):
    id: str
    parcels: int


async def test_a_success_is_an_instance_of_the_type_that_the_caller_names(
    spans: InMemorySpanExporter,
) -> None:
    async with peer_that(answering("200 OK", b'{"id": "1", "parcels": 2}'), spans) as peer:
        assert await peer.get("/order", Shipped) == Shipped(id="1", parcels=2)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<html>", "Invalid JSON"),
        (b"", "Invalid JSON"),
        (b"[]", "Input should be an object"),
        (b'{"parcels": 2}', "id: Field required"),
        (b'{"id": "hunter2", "parcels": "hunter2"}', "parcels: Input should be a valid integer"),
        (b'{"id": null, "parcels": 2}', "id: Input should be a valid string"),
    ],
)
async def test_a_success_of_another_shape_is_an_upstream_error_on_the_client_span(
    spans: InMemorySpanExporter, body: bytes, problem: str
) -> None:
    async with peer_that(answering("200 OK", body), spans, breaker=Breaker(2)) as peer:
        with pytest.raises(UpstreamError, match="orders answered 200 in an unknown shape") as first:
            await peer.get("/order", Shipped)
        with pytest.raises(UpstreamError):
            await peer.get("/order", Shipped)
        with pytest.raises(BreakerOpen):
            await peer.get("/order", Shipped)

    assert first.value.kind == "upstream_error"
    assert problem in str(first.value)
    assert "hunter2" not in str(first.value)
    span = spans.get_finished_spans()[0]
    assert span.attributes is not None
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes["error.type"] == "invalid_response"
    assert span.attributes["http.response.status_code"] == 200


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("400 Bad Request", BadRequest),
        ("401 Unauthorized", Unauthorized),
        ("403 Forbidden", Forbidden),
        ("402 Payment Required", PaymentRequired),
        ("404 Not Found", NotFound),
        ("409 Conflict", Conflict),
        ("418 I'm a teapot", UpstreamError),
        ("500 Internal Server Error", UpstreamError),
        ("503 Service Unavailable", UpstreamError),
    ],
)
async def test_an_answer_that_is_no_success_raises_its_meaning(
    spans: InMemorySpanExporter, status: str, meaning: type[ShopError]
) -> None:
    async with peer_that(answering(status), spans) as peer:
        with pytest.raises(ShopError) as caught:
            await peer.get("/order", dict)

    assert type(caught.value) is meaning
    span = only(spans)
    assert span.attributes is not None
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes["error.type"] == status.split(maxsplit=1)[0]


def test_every_kind_of_error_is_the_one_meaning_of_its_status() -> None:
    kinds = {kind for kind in ShopError.__subclasses__() if kind.__module__ == "shared.errors"}

    assert {*MEANINGS.values()} == {*kinds, DeadlineExceeded}
    assert all(kind.status == status for status, kind in MEANINGS.items())
    assert {MEANINGS[status] for status in REFUSALS} == {*REFUSALS.values()}


async def test_what_is_too_long_for_an_address_is_a_bad_request(
    spans: InMemorySpanExporter,
) -> None:
    async with peer_that(answering("200 OK"), spans) as peer:
        with pytest.raises(BadRequest, match="no address for a call of orders: URL too long"):
            await peer.get("/orders", dict, query={"ids": "x" * 70_000})


async def test_the_detail_of_a_client_error_is_passed_on(spans: InMemorySpanExporter) -> None:
    body = b'{"error": "not_found", "detail": "no order 99"}'
    async with peer_that(answering("404 Not Found", body), spans) as peer:
        with pytest.raises(NotFound, match=r"^no order 99$"):
            await peer.get("/order/99", dict)


@pytest.mark.parametrize("script", [hang, drip])
async def test_the_deadline_covers_the_whole_answer(
    spans: InMemorySpanExporter, script: Script
) -> None:
    async with peer_that(script, spans, timeout=0.2) as peer:
        with pytest.raises(DeadlineExceeded, match=r"orders did not answer within 0\.2 s"):
            await peer.get("/order", dict)

    span = only(spans)
    assert span.attributes is not None
    assert span.attributes["error.type"] == "timeout"
    assert span.status.status_code is StatusCode.ERROR


class Unending(Transport):
    """Answers at once with the head of a response, whose body never comes to its end."""

    async def handle_async_request(self, request: Request) -> Response:
        return Response(200, stream=UnendingBody(), request=request)


class UnendingBody(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()


async def test_the_deadline_covers_a_body_that_comes_after_the_head(
    spans: InMemorySpanExporter,
) -> None:
    telemetry, policy = Telemetry.open(GatewaySettings(), spans), CallPolicy(timeout=0.05)
    peer = Peer("orders", "http://orders.test", Unending(), telemetry, policy.always)

    async with asyncio.timeout(10):
        with pytest.raises(DeadlineExceeded, match=r"orders did not answer within 0\.05 s"):
            await peer.get("/order", dict)


@pytest.mark.parametrize(
    ("script", "error_type"), [(hang_up, "RemoteProtocolError"), (truncate, "ReadError")]
)
async def test_a_broken_connection_is_an_error_of_the_client_span(
    spans: InMemorySpanExporter, script: Script, error_type: str
) -> None:
    async with peer_that(script, spans) as peer:
        with pytest.raises(Unreachable, match="orders could not be reached"):
            await peer.get("/order", dict)

    span = only(spans)
    assert span.attributes is not None
    assert span.attributes["error.type"] == error_type
    assert [event.name for event in span.events] == ["exception"]


async def test_nobody_listening_is_unreachable(spans: InMemorySpanExporter) -> None:
    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    transport = Wire()
    telemetry = Telemetry.open(GatewaySettings(), spans)
    peer = Peer("orders", f"http://127.0.0.1:{port}", transport, telemetry, CallPolicy(5).always)

    with pytest.raises(Unreachable):
        await peer.get("/order", dict)

    await transport.aclose()
    span = only(spans)
    assert span.attributes is not None
    assert span.attributes["error.type"] == "ConnectError"


def dripping(pieces: int, end: Script) -> Script:
    """Answers at once, then with so many pieces of JSON, each of which takes its time."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n")
        for piece in (b"[", b" ", b" ", b" ", b"]")[:pieces]:
            with suppress(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.1)
            if reader.at_eof():
                break
            writer.write(piece)
        await end(reader, writer)

    return script


async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def test_without_a_deadline_for_the_whole_each_read_has_its_own(
    spans: InMemorySpanExporter,
) -> None:
    careful = peer_that(dripping(5, close), spans, timeout=0.3)
    careless = peer_that(dripping(5, close), spans, timeout=0.3, exchange=deadline_for_each_read)
    async with careful as peer:
        with pytest.raises(DeadlineExceeded):
            await peer.get("/order", list)
    spans.clear()
    async with careless as peer:
        assert await peer.get("/order", list) == []

    span = only(spans)
    assert span.status.status_code is StatusCode.UNSET
    assert span.start_time is not None
    assert span.end_time is not None
    assert span.end_time - span.start_time < 3e8


@pytest.mark.parametrize(
    ("end", "error"), [(hang, DeadlineExceeded), (close, Unreachable)], ids=["hang", "close"]
)
async def test_what_goes_wrong_after_the_span_is_an_error_of_the_call_all_the_same(
    spans: InMemorySpanExporter, end: Script, error: type[ShopError]
) -> None:
    careless = peer_that(dripping(2, end), spans, timeout=0.3, exchange=deadline_for_each_read)
    async with careless as peer:
        with pytest.raises(error):
            await peer.get("/order", dict)

    assert only(spans).status.status_code is StatusCode.UNSET


def hearing(heard: list[bytes]) -> Script:
    """Notes the head of a request, and answers it."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()

    return script


async def test_the_callee_gets_the_client_spans_context(spans: InMemorySpanExporter) -> None:
    heard: list[bytes] = []
    async with peer_that(hearing(heard), spans) as peer:
        await peer.get("/order", dict)

    context = only(spans).context
    assert context is not None
    assert f"traceparent: 00-{context.trace_id:032x}-{context.span_id:016x}-".encode() in heard[0]


async def test_headers_are_sent_and_never_recorded(spans: InMemorySpanExporter) -> None:
    heard: list[bytes] = []
    async with peer_that(hearing(heard), spans) as peer:
        await peer.get("/auth", dict, headers={"authorization": "Bearer opensesame"})

    assert b"authorization: Bearer opensesame" in heard[0]
    assert "opensesame" not in only(spans).to_json()


def failing_first(times: int) -> Script:
    left = [times]

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left[0] -= 1
        status = "200 OK" if left[0] < 0 else "503 Service Unavailable"
        await answering(status)(reader, writer)

    return script


async def test_what_may_be_done_twice_is_tried_again_and_each_try_is_a_span(
    spans: InMemorySpanExporter,
) -> None:
    async with peer_that(failing_first(2), spans) as peer:
        assert await peer.post("/charges", dict, {}, attempts=3) == {}

    resent = [(span.attributes or {}).get("http.request.resend_count") for span in tries(spans)]
    assert resent == [None, 1, 2]


async def test_after_the_last_attempt_the_failure_is_raised(spans: InMemorySpanExporter) -> None:
    async with peer_that(failing_first(9), spans) as peer:
        with pytest.raises(UpstreamError, match="orders answered 503"):
            await peer.post("/charges", dict, {}, attempts=3)

    assert len(tries(spans)) == 3


@pytest.mark.parametrize("status", ["402 Payment Required", "409 Conflict"])
async def test_a_meaningful_answer_is_not_retried(spans: InMemorySpanExporter, status: str) -> None:
    async with peer_that(answering(status), spans) as peer:
        with pytest.raises((PaymentRequired, Conflict)):
            await peer.post("/charges", dict, {}, attempts=3)

    assert len(tries(spans)) == 1


def tries(spans: InMemorySpanExporter) -> tuple[ReadableSpan, ...]:
    return spans.get_finished_spans()


def test_a_value_stays_in_its_segment_of_the_path() -> None:
    assert (
        path_of("/order/{id}/status", {"id": "../1?x=#/é"})
        == "/order/..%2F1%3Fx%3D%23%2F%C3%A9/status"
    )
    assert path_of("/order/{id}/status", {"id": ".."}) == "/order/%2E%2E/status"
