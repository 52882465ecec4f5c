"""Redis: each operation one span, and one kind of error whatever went wrong."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import NoOpTracer, SpanKind, StatusCode, Tracer
from redis.asyncio import Redis

from acme.launcher.sockets import listen, port_of
from shared.errors import Conflict, Unavailable
from shared.settings import CartSettings
from shared.stores.redis import Keys
from shared.telemetry.provider import Telemetry

Connect = Callable[..., Keys]


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracer(spans: InMemorySpanExporter) -> Tracer:
    return Telemetry.open(CartSettings(), spans).tracer


@pytest.fixture
async def connect(tracer: Tracer) -> AsyncIterator[Connect]:
    async with AsyncExitStack() as stack:

        def connected(url: str, timeout: float = 5) -> Keys:
            keys = Keys.connect(url, tracer, timeout)
            stack.push_async_callback(keys.close)
            return keys

        yield connected


@pytest.fixture
def keys(connect: Connect, empty_redis: Callable[[], str]) -> Keys:
    return connect(empty_redis())


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Whoever calls it is taken, and never answered."""
    with listen("127.0.0.1", 0) as socket:
        yield port_of(socket)


def only(spans: InMemorySpanExporter) -> tuple[ReadableSpan, dict[str, object]]:
    [span] = spans.get_finished_spans()
    return span, dict(span.attributes or {})


async def test_an_operation_is_one_client_span_as_the_conventions_ask_for(
    keys: Keys, spans: InMemorySpanExporter
) -> None:
    await keys.run("HSET", "cart", lambda client: client.hset("cart:1", "kettle", "☕"))

    span, attributes = only(spans)
    assert (span.name, span.kind) == ("HSET cart", SpanKind.CLIENT)
    assert span.status.is_unset
    assert attributes.pop("db.namespace") != "0"
    assert attributes.pop("server.port") == keys.server["server.port"]
    assert attributes == {
        "db.system.name": "redis",
        "db.operation.name": "HSET",
        "db.query.summary": "HSET cart",
        "db.query.text": "HSET cart:?",
        "server.address": "127.0.0.1",
    }


async def test_what_was_written_is_read_as_text(keys: Keys) -> None:
    await keys.run("SET", "session", lambda client: client.set("a", "☕"))

    assert await keys.run("GET", "session", lambda client: client.get("a")) == "☕"


async def test_commands_that_go_out_together_are_counted(
    keys: Keys, spans: InMemorySpanExporter
) -> None:
    async def work(client: Redis) -> list[object]:
        async with client.pipeline(transaction=True) as together:
            together.set("a", 1)
            together.incr("a")
            return list(await together.execute())

    text = "SET a ?; INCR a"
    assert await keys.run("MULTI", "session", work, text=text, batch=2) == [True, 2]

    attributes = only(spans)[1]
    assert attributes["db.operation.batch.size"] == 2
    assert attributes["db.query.text"] == text


async def test_an_error_of_redis_is_recorded_by_its_code(
    keys: Keys, spans: InMemorySpanExporter
) -> None:
    await keys.client.set("a", "text")

    with pytest.raises(Unavailable, match="Redis refused: WRONGTYPE"):
        await keys.run("HGETALL", "cart", lambda client: client.hgetall("a"))

    span, attributes = only(spans)
    assert span.status.status_code is StatusCode.ERROR
    assert attributes["db.response.status_code"] == attributes["error.type"] == "WRONGTYPE"


async def test_a_wrong_password_is_reported_without_it(
    connect: Connect, redis_url: str, spans: InMemorySpanExporter
) -> None:
    keys = connect(redis_url.replace("redis://", "redis://ann:hush@"))

    with pytest.raises(Unavailable, match="WRONGPASS") as raised:
        await keys.run("GET", "session", lambda client: client.get("a"))

    assert "hush" not in f"{raised.value} {only(spans)[0].to_json()}"


async def test_an_absent_redis_is_unavailable(
    connect: Connect, spans: InMemorySpanExporter
) -> None:
    with listen("127.0.0.1", 0) as free:
        port = port_of(free)
    keys = connect(f"redis://:hush@127.0.0.1:{port}")

    with pytest.raises(Unavailable, match="ConnectionError") as raised:
        await keys.run("GET", "session", lambda client: client.get("a"))

    span, attributes = only(spans)
    assert span.status.status_code is StatusCode.ERROR
    assert attributes["error.type"] == "ConnectionError"
    assert "db.response.status_code" not in attributes
    assert "hush" not in f"{raised.value} {span.to_json()}"


async def test_a_redis_that_does_not_answer_in_time_is_unavailable(
    connect: Connect, silent_port: int, spans: InMemorySpanExporter
) -> None:
    keys = connect(f"redis://127.0.0.1:{silent_port}", timeout=0.1)

    with pytest.raises(Unavailable, match=r"Redis did not answer within 0\.1 s"):
        await keys.run("GET", "session", lambda client: client.get("a"))

    assert only(spans)[1]["error.type"] == "timeout"


async def test_another_error_inside_is_none_of_redis(
    keys: Keys, spans: InMemorySpanExporter
) -> None:
    async def work(client: Redis) -> None:
        raise Conflict("at most 99 of kettle")

    with pytest.raises(Conflict):
        await keys.run("EVAL", "cart", work)

    assert only(spans)[0].status.is_unset


async def test_who_is_cancelled_hears_of_it_and_the_next_one_is_served(keys: Keys) -> None:
    for steps in range(20):
        task = asyncio.create_task(
            keys.unseen(lambda client, steps=steps: client.set("a", steps))  # type: ignore[misc]
        )
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

        assert await keys.unseen(lambda client: client.ping())
        assert await keys.unseen(lambda client: client.get("a")) in {None, *map(str, range(20))}


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("redis://shop.example/2", {"server.address": "shop.example", "server.port": 6379}),
        ("rediss://shop.example:7000", {"server.address": "shop.example", "server.port": 7000}),
        ("redis://", {"server.address": "localhost", "server.port": 6379}),
        ("unix:///run/redis.sock?db=3", {"server.address": "/run/redis.sock"}),
    ],
)
async def test_the_span_says_where_redis_is(url: str, server: dict[str, object]) -> None:
    keys = Keys.connect(url, NoOpTracer(), 1)

    assert keys.server == server
    await keys.close()


async def test_closing_waits_for_the_connection_that_is_being_made(keys: Keys) -> None:
    pinged = asyncio.create_task(keys.run("PING", "redis", lambda client: client.ping()))
    pool = keys.client.connection_pool
    while not pool._in_use_connections:  # noqa: ASYNC110 - it takes a turn or two of the loop
        await asyncio.sleep(0)
    await keys.close()

    assert await pinged
    assert [one for one in pool._available_connections if one.is_connected] == []
