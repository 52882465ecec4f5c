"""Connections whose requests do not come, on real sockets and a clock that is made up."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from uvicorn.protocols.http.h11_impl import H11Protocol

from acme.launcher.sockets import listen, port_of
from shared import answers, slashes
from shared.gate import Gate
from shared.hosts import KnownHosts
from shared.serving import BYTES_PER_SECOND, SECONDS, CountsBytes, HttpProtocol, Server

HEADER = b"POST /echo HTTP/1.1\r\nhost: localhost\r\n"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
GET = b"GET /here HTTP/1.1\r\nhost: localhost\r\n\r\n"
JSON = b"content-type: application/json\r\n"
H11: type[asyncio.Protocol] = type("H11", (CountsBytes, H11Protocol), {})


def app() -> FastAPI:
    app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})

    @app.post("/echo")
    async def echo(request: Request) -> int:
        return len(await request.body())

    @app.get("/here")
    async def here() -> str:
        return "here"

    @app.get("/events")
    async def events() -> StreamingResponse:
        async def forever() -> AsyncIterator[bytes]:
            yield b"one"
            await asyncio.Event().wait()

        return StreamingResponse(forever())

    @app.post("/busy")
    async def busy() -> None:
        """Does not look at the body for now."""
        await asyncio.Event().wait()

    answers.install(app)
    slashes.install(app)
    app.add_middleware(Gate, hosts=KnownHosts([]), media=None)
    return app


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110 - what uvicorn does has no event
            await asyncio.sleep(0)


class Quiet(Server):
    """Leaves signals to the tests."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Served:
    def __init__(self, server: Server, port: int) -> None:
        self._server, self._port = server, port
        self._writers: list[asyncio.StreamWriter] = []

    async def close(self) -> None:
        for writer in self._writers:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    @property
    def arrived(self) -> int:
        connections: set[Any] = set(self._server.server_state.connections)
        return sum(connection.arrived for connection in connections)

    async def connect(self, sent: bytes) -> Connection:
        """A connection on which the server has got what is sent."""
        open_before = len(self._server.server_state.connections)
        connection = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers.append(connection[1])
        await until(lambda: len(self._server.server_state.connections) > open_before)
        await self.send(connection, sent)
        return connection

    async def send(self, connection: Connection, sent: bytes) -> None:
        expected = self.arrived + len(sent)
        connection[1].write(sent)
        await until(lambda: self.arrived >= expected)

    def wait(self, seconds: float) -> None:
        """Has the server look at its connections now, and again as if `seconds` had passed."""
        now = time.monotonic()
        self._server.close_slow(now)
        self._server.close_slow(now + seconds)


@pytest.fixture(params=[HttpProtocol, H11], ids=["httptools", "h11"])
async def served(request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    socket = listen("127.0.0.1", 0)
    config = uvicorn.Config(
        app(),
        http=request.param,
        ws="none",
        lifespan="off",
        log_level="warning",
        timeout_graceful_shutdown=1,
    )
    server = Quiet(config)
    serving = asyncio.create_task(server.serve([socket]))
    await until(lambda: server.started)
    opened = Served(server, port_of(socket))
    yield opened
    await opened.close()
    server.should_exit = server.force_exit = True
    await serving


LATE = SECONDS + 1
SLOW = {  # what comes at first, of which the last byte comes later
    "a header": HEADER + b"x-drip: a",
    "a request line": b"GET",
    "a body": HEADER + JSON + b"content-length: 100\r\n\r\n{1",
    "a body in chunks": HEADER + JSON + b"transfer-encoding: chunked\r\n\r\n1\r\n{\r\n5\r\n12",
    "a second request": GET + b"GET /here HTT",
}


@pytest.mark.parametrize("sent", SLOW.values(), ids=SLOW)
async def test_what_drips_in_is_closed_with_a_sentence(served: Served, sent: bytes) -> None:
    connection = await served.connect(sent[:-1])
    if sent.startswith(GET):
        await connection[0].readuntil(b'"here"')

    served.wait(SECONDS - 1)
    await served.send(connection, sent[-1:])
    served.wait(LATE)

    answer = await connection[0].read()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"did not arrive within 20 s" in answer


async def test_who_says_nothing_is_closed_without_a_word(served: Served) -> None:
    connections = [await served.connect(b"") for _ in range(20)]

    served.wait(LATE)

    assert [await reader.read() for reader, _ in connections] == [b""] * 20


async def test_who_comes_in_time_is_answered(served: Served) -> None:
    connection = await served.connect(HEADER)
    served.wait(SECONDS - 1)
    await served.send(connection, JSON + b"content-length: 2\r\n\r\n{")
    served.wait(SECONDS - 1)
    await served.send(connection, b"}")

    assert (await connection[0].readuntil(b"\r\n")).startswith(b"HTTP/1.1 200 ")


async def test_a_large_body_may_take_its_time(served: Served) -> None:
    size = 2 * BYTES_PER_SECOND
    connection = await served.connect(HEADER + JSON + b"content-length: %d\r\n\r\n" % (2 * size))
    served.wait(0)
    await served.send(connection, b"x" * size)
    served.wait(LATE)
    await served.send(connection, b"x" * size)

    assert (await connection[0].readuntil(b"\r\n")).startswith(b"HTTP/1.1 200 ")


async def test_an_answer_may_take_as_long_as_it_likes(served: Served) -> None:
    events = await served.connect(b"GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n")
    assert await events[0].readuntil(b"one")

    served.wait(10 * LATE)

    await served.send(await served.connect(GET), b"")
    assert not events[0].at_eof()


async def test_who_is_asked_to_wait_is_not_slow(served: Served) -> None:
    waits = b"POST /busy HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n"
    expecting = await served.connect(waits + b"content-length: 9\r\n\r\n")
    paused = await served.connect(
        b"POST /busy HTTP/1.1\r\nhost: localhost\r\ncontent-length: 900000\r\n\r\n" + b"x" * 70_000
    )

    served.wait(10 * LATE)

    await served.send(await served.connect(GET), b"")
    assert not expecting[0].at_eof()
    assert not paused[0].at_eof()


async def test_an_idle_connection_between_two_requests_is_left_to_uvicorn(served: Served) -> None:
    connection = await served.connect(GET)
    await connection[0].readuntil(b'"here"')

    served.wait(LATE)
    await served.send(connection, GET)

    assert (await connection[0].readuntil(b"\r\n")).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("sent", "status", "location"),
    [
        (b"GET http://localhost/here HTTP/1.1\r\nhost: localhost\r\n", 200, b""),
        (b"GET http://evil.example/here HTTP/1.1\r\nhost: evil.example\r\n", 421, b""),
        (b"GET http://evil.example/here/ HTTP/1.1\r\nhost: localhost\r\n", 307, b"/here"),
        (b"GET //evil.example/here/ HTTP/1.1\r\nhost: localhost\r\n", 404, b""),
        (b"GET /here/ HTTP/1.0\r\n", 307, b"/here"),
    ],
)
async def test_no_form_of_a_request_line_leads_to_another_host(
    served: Served, sent: bytes, status: int, location: bytes
) -> None:
    reader, _ = await served.connect(sent + b"connection: close\r\n\r\n")

    answer = await reader.read()

    if answer.startswith(b"HTTP/1.1 404 "):  # what h11 makes of an absolute form
        return
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert (b"\r\nlocation: " + location + b"\r\n" in answer) is bool(location)
    assert b"http://" not in answer.partition(b"\r\n\r\n")[0]


async def test_http_1_1_needs_a_host(served: Served) -> None:
    reader, _ = await served.connect(b"GET /here HTTP/1.1\r\nconnection: close\r\n\r\n")

    assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("in_thread", [False, True])
async def test_a_server_at_rest_ends_when_it_is_told(
    monkeypatch: pytest.MonkeyPatch, *, in_thread: bool
) -> None:
    monkeypatch.setattr("shared.serving.TICK", 3600.0)
    server = Quiet(uvicorn.Config(app(), ws="none", lifespan="off", log_level="warning"))
    serving = asyncio.create_task(server.serve([listen("127.0.0.1", 0)]))
    await until(lambda: server.started)

    if in_thread:
        await asyncio.to_thread(setattr, server, "should_exit", True)
    else:
        server.should_exit = True

    await serving
