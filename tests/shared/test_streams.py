"""Streams: published once, handled at least once, in traces that are linked."""

import asyncio
import inspect
import logging
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import baggage, trace
from opentelemetry.context import attach, detach
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import NoOpTracer, SpanKind, StatusCode

from acme.ephemeral import ephemeral_redis, wait_for_redis
from acme.launcher.sockets import listen, port_of
from acme.redis.server import HOST, Server, choose
from shared.errors import NotFound, Unavailable
from shared.settings import ShippingSettings
from shared.stores.redis import Keys
from shared.stores.streams import Message, Patience, Stream
from shared.stores.streams.group import Group
from shared.stores.streams.message import Entry
from shared.telemetry.decorator import Trace
from shared.telemetry.provider import Telemetry

NAME, GROUP = "order.placed", "shipping"
QUICK = Patience(handling=5, pause=0.02, poll=0.05)
SHORT_LEASE = Patience(handling=0.1, pause=0.02, poll=0.05)


async def until(true: Callable[[], Any], seconds: float = 20) -> None:
    """Polls until it is true."""
    async with asyncio.timeout(seconds):
        while not (await found if inspect.isawaitable(found := true()) else found):  # noqa: ASYNC110
            await asyncio.sleep(0.005)


class Service:
    """A publisher and consumer with its own spans, and what it was handed."""

    def __init__(self, url: str, patience: Patience = QUICK) -> None:
        self.spans = InMemorySpanExporter()
        self.telemetry = Telemetry.open(ShippingSettings(), self.spans)
        self.keys = Keys.connect(url, self.telemetry.tracer, 2.0)
        self.stream = Stream(self.keys, NAME, self.telemetry, patience)
        self.handled: list[Message] = []

    async def handle(self, message: Message) -> None:
        self.handled.append(message)

    @asynccontextmanager
    async def consuming(self, handle: Any = None) -> AsyncIterator["asyncio.Task[None]"]:
        task = asyncio.create_task(self.stream.consume(GROUP, handle or self.handle))
        try:
            yield task
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def is_done(self) -> bool:
        """Whether no message is in the stream, and none is given out."""
        if await self.keys.client.xlen(NAME):
            return False
        return not (await self.keys.client.xpending(NAME, GROUP))["pending"]

    async def buried(self) -> list[dict[str, str]]:
        found: Any = await self.keys.client.xrange(f"{NAME}.dead")
        return [fields for _, fields in found]

    def span(self, name: str) -> ReadableSpan:
        return next(span for span in self.spans.get_finished_spans() if span.name == name)

    def count(self, name: str) -> int:
        return sum(span.name == name for span in self.spans.get_finished_spans())


@pytest.fixture
async def open_service(
    empty_redis: Callable[[], str],
) -> AsyncIterator[Callable[..., Service]]:
    async with AsyncExitStack() as stack:
        empty = empty_redis()

        def opened(patience: Patience = QUICK, url: str = empty) -> Service:
            service = Service(url, patience)
            stack.push_async_callback(service.keys.close)
            return service

        yield opened


@pytest.fixture
def service(open_service: Callable[..., Service]) -> Service:
    return open_service()


async def test_what_is_published_is_handled_and_then_gone(service: Service) -> None:
    async with service.consuming():
        id_ = await service.stream.publish({"order_id": "1", "note": "kettle ☕"})
        await until(lambda: service.handled)
        await until(service.is_done)

    assert service.handled == [Message(id_, {"order_id": "1", "note": "kettle ☕"})]


async def test_what_was_published_before_anybody_consumed_is_handled_in_order(
    service: Service,
) -> None:
    for n in range(5):
        await service.stream.publish(n)

    async with service.consuming():
        await until(lambda: len(service.handled) == 5)

    assert [message.body for message in service.handled] == [0, 1, 2, 3, 4]


async def test_handling_is_a_trace_of_its_own_that_links_to_the_sending(service: Service) -> None:
    async with service.consuming():
        with service.telemetry.tracer.start_as_current_span("checkout"):
            id_ = await service.stream.publish({})
        await until(lambda: service.count("process order.placed"))

    checkout, sent, processed = map(
        service.span, ("checkout", "send order.placed", "process order.placed")
    )
    assert sent.parent == checkout.context
    assert (sent.kind, processed.kind) == (SpanKind.PRODUCER, SpanKind.CONSUMER)
    assert processed.parent is None
    assert processed.context.trace_id != sent.context.trace_id
    [link] = processed.links
    assert (link.context.trace_id, link.context.span_id) == (
        sent.context.trace_id,
        sent.context.span_id,
    )
    assert [span.attributes["messaging.message.id"] for span in (sent, processed)] == [id_, id_]  # type: ignore[index]


async def test_the_spans_say_what_the_conventions_ask_for(service: Service) -> None:
    async with service.consuming():
        await service.stream.publish({})
        await until(lambda: service.count("process order.placed"))

    sent = dict(service.span("send order.placed").attributes or {})
    processed = dict(service.span("process order.placed").attributes or {})
    common = {
        "messaging.system": "redis",
        "messaging.destination.name": "order.placed",
        "messaging.message.id": sent["messaging.message.id"],
        "server.address": "127.0.0.1",
        "server.port": service.keys.server["server.port"],
    }
    send = {"messaging.operation.name": "send", "messaging.operation.type": "send"}
    assert sent == common | send
    assert str(processed.pop("messaging.client.id")).count("-") >= 2
    assert processed == common | {
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.consumer.group.name": "shipping",
        "acmeshop.message.redelivered": 0,
    }


async def test_the_handlers_spans_are_below_it_and_its_baggage_is_the_senders(
    service: Service,
) -> None:
    found: list[object] = []

    @Trace
    async def ship(message: Message) -> None:
        found.append(baggage.get_baggage("campaign"))

    async with service.consuming(ship):
        token = attach(baggage.set_baggage("campaign", "spring"))
        await service.stream.publish({})
        detach(token)
        await until(lambda: service.count("process order.placed"))

    assert found == ["spring"]
    assert service.span("ship").parent == service.span("process order.placed").context


async def test_looking_for_messages_leaves_no_spans(service: Service) -> None:
    async with service.consuming():
        await service.stream.publish({})
        await until(service.is_done)

    names = [span.name for span in service.spans.get_finished_spans()]
    assert names == ["send order.placed", "process order.placed"]


async def test_a_message_of_who_died_before_saying_that_it_is_done_goes_to_another(
    open_service: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = open_service(SHORT_LEASE), open_service(SHORT_LEASE)

    async def hang(group: Group, entry: Entry) -> None:
        await asyncio.Event().wait()

    with monkeypatch.context() as patched:
        patched.setattr(Group, "done", hang)
        async with first.consuming():
            await first.stream.publish("once more")
            await until(lambda: first.count("process order.placed"))

    async with second.consuming():
        await until(lambda: second.handled)
        await until(second.is_done)

    assert [first.handled[0].redelivered, second.handled[0].redelivered] == [0, 1]
    assert first.handled[0].id == second.handled[0].id
    processed = second.span("process order.placed").attributes or {}
    assert processed["acmeshop.message.redelivered"] == 1


async def test_nobody_takes_a_message_from_who_still_handles_it(
    open_service: Callable[..., Service],
) -> None:
    busy, idle = open_service(), open_service()
    released = asyncio.Event()

    async def handle(message: Message) -> None:
        await busy.handle(message)
        await released.wait()

    async with busy.consuming(handle):
        await busy.stream.publish("mine")
        await until(lambda: busy.handled)
        async with idle.consuming():
            await idle.stream.publish("yours")
            await until(lambda: idle.handled)
            released.set()
            await until(idle.is_done)

    assert [message.body for message in (*busy.handled, *idle.handled)] == ["mine", "yours"]


async def test_two_consumers_share_what_there_is(open_service: Callable[..., Service]) -> None:
    one, other = open_service(), open_service()
    for n in range(40):
        await one.stream.publish(n)

    async with one.consuming(), other.consuming():
        await until(lambda: len(one.handled) + len(other.handled) >= 40)

    bodies = [message.body for message in (*one.handled, *other.handled)]
    assert sorted(bodies) == list(range(40))
    assert one.handled
    assert other.handled


async def test_what_failed_is_tried_again_and_holds_up_nobody(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    async def handle(message: Message) -> None:
        await service.handle(message)
        if message.body == "early" and message.redelivered < 7:  # more often than crashes may
            raise NotFound("no such order yet")

    async with service.consuming(handle):
        await service.stream.publish("early")
        await service.stream.publish("late")
        await until(lambda: len(service.handled) == 9)
        await until(service.is_done)

    bodies = [message.body for message in service.handled]
    assert bodies.index("late") < 8
    assert [m.redelivered for m in service.handled if m.body == "early"] == list(range(8))
    assert service.span("process order.placed").status.status_code is StatusCode.ERROR
    assert (service.span("process order.placed").attributes or {})["error.type"] == "NotFound"
    assert caplog.text.count("NotFound: no such order yet") == 1


async def test_what_takes_too_long_is_tried_again(open_service: Callable[..., Service]) -> None:
    service = open_service(SHORT_LEASE)

    async def handle(message: Message) -> None:
        await service.handle(message)
        if not message.redelivered:
            await asyncio.Event().wait()

    async with service.consuming(handle):
        await service.stream.publish({})
        await until(lambda: len(service.handled) == 2)
        await until(service.is_done)

    processed = service.span("process order.placed").attributes or {}
    assert processed["error.type"] == "TimeoutError"


async def test_what_makes_its_handler_crash_is_buried_after_five_times(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    async def handle(message: Message) -> None:
        await service.handle(message)
        if message.body == "poison":
            raise KeyError("total_cents")

    async with service.consuming(handle):
        id_ = await service.stream.publish("poison")
        await until(service.is_done)
        await service.stream.publish("bread")
        await until(lambda: service.handled[-1].body == "bread")

    assert [message.body for message in service.handled] == [*["poison"] * 5, "bread"]
    [dead] = await service.buried()
    assert (dead["id"], dead["body"], dead["error"]) == (id_, '"poison"', "KeyError")
    assert dead["traceparent"].startswith("00-")
    assert f"order.placed {id_} is buried in order.placed.dead" in caplog.text


@pytest.mark.parametrize(
    "fields", [{"body": "no JSON"}, {"other": "1"}, {b"body": b"\xff\xfe", "b3": "\x00"}]
)
async def test_what_is_no_message_of_ours_is_buried_as_well(
    service: Service, fields: dict[Any, Any]
) -> None:
    async with service.consuming():
        await service.keys.client.xadd(NAME, fields)
        await service.stream.publish("good")
        await until(lambda: service.handled)
        await until(service.is_done)

    assert len(await service.buried()) == 1


async def test_what_others_deleted_is_no_longer_waited_for(service: Service) -> None:
    async def handle(message: Message) -> None:
        await service.handle(message)
        if message.body == "deleted":
            await service.keys.client.xdel(NAME, message.id)
            raise NotFound("not now")

    async with service.consuming(handle):
        await service.stream.publish("deleted")
        await service.stream.publish("next")
        await until(service.is_done)

    assert [message.body for message in service.handled] == ["deleted", "next"]


async def test_an_emptied_redis_gets_a_new_group(service: Service) -> None:
    async with service.consuming():
        await service.stream.publish("before")
        await until(lambda: service.handled)
        await service.keys.client.flushdb()
        await service.stream.publish("after")
        await until(lambda: len(service.handled) == 2)

    assert [message.body for message in service.handled] == ["before", "after"]


async def test_the_dead_are_forgotten_when_they_hold_nothing(
    open_service: Callable[..., Service],
) -> None:
    patience = Patience(handling=0.1, pause=0.02, poll=0.02, forget=0.2)
    dead, living = open_service(patience), open_service(patience)
    async with dead.consuming():
        await dead.stream.publish({})
        await until(lambda: dead.handled)

    async def is_alone() -> bool:
        return len(await living.keys.client.xinfo_consumers(NAME, GROUP)) == 1

    async with living.consuming():
        await living.stream.publish({})
        await until(lambda: living.handled)
        await until(is_alone)


async def test_wherever_it_is_cancelled_it_ends(service: Service) -> None:
    for steps in range(60):
        async with service.consuming() as task:
            await service.stream.publish(steps)
            await until(lambda steps=steps: len(service.handled) > steps)  # type: ignore[misc]
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task], timeout=20)
            assert task.cancelled(), f"went on when cancelled after {steps} steps"


async def test_publishing_says_when_redis_is_away(
    open_service: Callable[..., Service],
) -> None:
    with listen(HOST, 0) as free:
        port = port_of(free)
    service = open_service(url=f"redis://:secret@{HOST}:{port}")

    with pytest.raises(Unavailable, match="Redis refused: ConnectionError"):
        await service.stream.publish({})

    sent = service.span("send order.placed")
    assert sent.status.status_code is StatusCode.ERROR
    assert (sent.attributes or {})["error.type"] == "ConnectionError"
    assert "secret" not in str(sent.to_json())


class Killable:
    """A Redis on one port, as the launcher starts it; it may die and come back."""

    def __init__(self, folder: Path) -> None:
        with listen(HOST, 0) as free:
            self._port = port_of(free)
        self.url, self._folder = f"redis://{HOST}:{self._port}", folder
        self._command = choose(os.environ.get("PATH", "")).command(self._port, folder)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        log = self._folder / "log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(self._command, stdout=output, stderr=output)
        wait_for_redis(self._process, self._port, log)

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


@pytest.fixture
def killable(tmp_path: Path) -> Iterator[Killable]:
    redis = Killable(tmp_path)
    redis.start()
    yield redis
    redis.kill()


async def test_it_outlives_a_redis_that_dies_and_comes_back(
    killable: Killable,
    open_service: Callable[..., Service],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    service = open_service(url=killable.url)
    died = asyncio.Event()

    async def handle(message: Message) -> None:
        if message.body == "in hand" and not message.redelivered:
            killable.kill()
            died.set()
        await service.handle(message)

    async with service.consuming(handle):
        await service.stream.publish("in hand")
        await died.wait()
        await until(lambda: "order.placed cannot be read for now" in caplog.text)
        with pytest.raises(Unavailable):
            await service.stream.publish("lost")
        await asyncio.to_thread(killable.start)
        await service.stream.publish("after")
        await until(lambda: len(service.handled) >= 3)
        await until(service.is_done)

    assert sorted(m.body for m in service.handled) == ["after", "in hand", "in hand"]
    assert caplog.text.count("cannot be read for now") == 1
    assert caplog.text.count("order.placed is read again") == 1


async def test_it_waits_for_a_redis_that_comes_later(
    killable: Killable, open_service: Callable[..., Service]
) -> None:
    killable.kill()
    service = open_service(url=killable.url)

    async with service.consuming():
        await asyncio.to_thread(killable.start)
        await service.stream.publish({})
        await until(lambda: service.handled)


async def test_a_fake_redis_will_do(tmp_path: Path, open_service: Callable[..., Service]) -> None:
    with ephemeral_redis(Server(), tmp_path) as url:
        service = open_service(url=url)

        async def handle(message: Message) -> None:
            await service.handle(message)
            if message.body == "early" and not message.redelivered:
                raise NotFound("not yet")
            if message.body == "poison":
                raise KeyError("x")

        async with service.consuming(handle):
            for body in ("early", "poison", "bread"):
                await service.stream.publish(body)
            await until(lambda: len(service.handled) == 2 + 5 + 1)
            await until(service.is_done)

        assert len(await service.buried()) == 1


async def test_a_handler_makes_spans_of_its_own_below_that_of_its_message(
    service: Service,
) -> None:
    tracer = trace.get_tracer(__name__)

    async def pack(message: Message) -> None:
        with tracer.start_as_current_span("pack"):
            await service.handle(message)

    async with service.consuming(pack):
        await service.stream.publish("bread")
        await until(lambda: service.count("pack"))
        await until(service.is_done)

    message = service.span(f"process {NAME}")
    assert service.span("pack").parent == message.context


async def test_a_service_without_tracing_publishes_and_handles(
    service: Service,
) -> None:
    service.telemetry.tracer = NoOpTracer()
    service.stream = Stream(service.keys, NAME, service.telemetry, QUICK)

    async with service.consuming():
        await service.stream.publish("seen")
        await until(lambda: service.handled)

    assert service.spans.get_finished_spans() == ()


def test_a_message_stays_with_its_consumer_for_as_long_as_its_handling_may_take() -> None:
    assert Patience(handling=30, pause=2).lease > 30
    assert Patience(handling=0.1, pause=2).lease > 2
