"""A circuit breaker, by a clock that only the test moves; and what its calls look like."""

from contextlib import nullcontext

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from chaos.engine.policies import deadline_for_each_read
from shared.errors import BreakerOpen, NotFound, UpstreamError
from shared.http import Breaker, CallPolicy, Peer
from shared.http.breaker import MOST_KEYS
from shared.http.policy import Exchange, within_deadline
from shared.settings import OrdersSettings
from shared.telemetry.provider import Telemetry
from shared.transport import Request, Response, Transport


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(failures=3, seconds=2, clock=clock)


def call(breaker: Breaker, error: Exception | None = None, key: str = "") -> None:
    """A call that ends like this, as far as the breaker lets it."""
    ends = nullcontext() if error is None else pytest.raises(type(error), match=str(error))
    with ends, breaker.guarding(key):
        end(error)


def end(error: Exception | None) -> None:
    if error is not None:
        raise error


def fail(breaker: Breaker, times: int, key: str = "") -> None:
    for _ in range(times):
        call(breaker, UpstreamError("answered 503"), key)


def test_it_opens_after_so_many_failures_in_a_row(breaker: Breaker) -> None:
    fail(breaker, 2)
    assert breaker.state() == "closed"

    fail(breaker, 1)

    assert breaker.state() == "open"
    with pytest.raises(BreakerOpen, match="it failed 3 times in a row"):
        call(breaker)


def test_a_success_between_keeps_it_closed(breaker: Breaker) -> None:
    for _ in range(5):
        fail(breaker, 2)
        call(breaker)

    assert breaker.state() == "closed"


def test_an_answer_that_is_no_success_is_no_failure_either(breaker: Breaker) -> None:
    fail(breaker, 2)
    call(breaker, NotFound("no such charge"))
    fail(breaker, 2)

    assert breaker.state() == "closed"


def test_a_mistake_of_our_own_says_nothing_of_the_callee(breaker: Breaker) -> None:
    for _ in range(9):
        call(breaker, KeyError("a mistake"))

    assert breaker.state() == "closed"


def test_after_its_time_one_success_closes_it(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 2
    assert breaker.state() == "half-open"

    call(breaker)

    assert breaker.state() == "closed"
    fail(breaker, 2)
    assert breaker.state() == "closed"


def test_after_its_time_one_failure_opens_it_anew(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 2

    fail(breaker, 1)

    assert breaker.state() == "open"
    clock.now += 1.9
    with pytest.raises(BreakerOpen):
        call(breaker)


def test_only_one_at_a_time_tries_whether_it_is_over(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 2

    with breaker.guarding(), pytest.raises(BreakerOpen):
        call(breaker)
    call(breaker)

    assert breaker.state() == "closed"


def test_a_try_that_is_cancelled_leaves_room_for_the_next(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 2
    with pytest.raises(KeyboardInterrupt), breaker.guarding():
        raise KeyboardInterrupt

    assert breaker.state() == "half-open"
    call(breaker)
    assert breaker.state() == "closed"


def test_who_was_on_the_way_when_it_opened_neither_closes_nor_prolongs_it(
    breaker: Breaker, clock: Clock
) -> None:
    with breaker.guarding():
        fail(breaker, 3)
    assert breaker.state() == "open"

    breaker = Breaker(failures=3, seconds=2, clock=clock)

    def late() -> None:
        fail(breaker, 3)
        clock.now += 1.5
        raise UpstreamError("late")

    with pytest.raises(UpstreamError, match="late"), breaker.guarding():
        late()
    clock.now += 0.5
    assert breaker.state() == "half-open"


def test_each_key_has_a_circuit_of_its_own_and_there_are_not_too_many(breaker: Breaker) -> None:
    fail(breaker, 3, key="ann")

    call(breaker)
    call(breaker, key="bob")
    with pytest.raises(BreakerOpen):
        call(breaker, key="ann")
    for n in range(MOST_KEYS):
        call(breaker, key=str(n))
    assert breaker.state("ann") == "closed"


class Answering(Transport):
    """Answers with these statuses, one after the other."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)

    async def handle_async_request(self, request: Request) -> Response:
        return Response(self.statuses.pop(0), json={}, request=request)


def peer_of(
    transport: Transport,
    breaker: Breaker,
    spans: InMemorySpanExporter,
    exchange: Exchange = within_deadline,
) -> Peer:
    telemetry = Telemetry.open(OrdersSettings(), spans)
    policy = CallPolicy(5, breaker=breaker, exchange=exchange)
    return Peer("payment", "http://127.0.0.1:1", transport, telemetry, policy.always)


async def test_a_call_that_is_not_made_is_a_span_that_says_so(breaker: Breaker) -> None:
    spans = InMemorySpanExporter()
    peer = peer_of(Answering(503, 503, 503), breaker, spans)
    for _ in range(3):
        with pytest.raises(UpstreamError):
            await peer.get("/charges", dict)
    spans.clear()

    with pytest.raises(BreakerOpen, match=r"^payment was not called: it failed 3 times in a row"):
        await peer.get("/charges", dict, attempts=3)

    [span] = spans.get_finished_spans()  # it was not tried again, either
    attributes = span.attributes or {}
    assert span.status.status_code is StatusCode.ERROR
    assert attributes["error.type"] == "breaker_open"
    assert attributes["acmeshop.resilience.outcome"] == "breaker_open"
    assert "http.response.status_code" not in attributes


async def test_answers_that_are_waited_for_without_an_end_count_too(breaker: Breaker) -> None:
    transport, spans = Answering(503, 503, 503), InMemorySpanExporter()
    peer = peer_of(transport, breaker, spans, deadline_for_each_read)

    for _ in range(3):
        with pytest.raises(UpstreamError, match="answered 503"):
            await peer.get("/charges", dict)

    assert breaker.state() == "open"


async def test_attempts_count_each_for_itself(breaker: Breaker) -> None:
    transport = Answering(503, 503, 200)
    peer = peer_of(transport, breaker, InMemorySpanExporter())

    assert await peer.get("/charges", dict, attempts=3) == {}

    assert breaker.state() == "closed"
    assert transport.statuses == []
