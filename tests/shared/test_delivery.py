"""Telemetry leaves without holding anybody up, whatever its backend does."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import create_server
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from shared.settings import OrdersSettings
from shared.telemetry.delivery import Delivery, Outcome
from shared.telemetry.otlp import OtlpHttp, Sender
from shared.telemetry.provider import Telemetry

Send = Callable[[Sequence[int]], Outcome]
LONG = 10.0


def until(true: Callable[[], bool]) -> None:
    """Polls until it is true."""
    deadline, nothing = time.monotonic() + LONG, threading.Event()
    while not true():
        assert time.monotonic() < deadline, f"it did not become true within {LONG:g} s"
        nothing.wait(0.002)


@contextmanager
def delivering(send: Send, *, size: int = 100, batch: int = 10) -> Iterator[Delivery[int]]:
    delivery = Delivery("spans", send, delay=0.005, size=size, batch=batch)
    yield delivery
    delivery.close(LONG)


class Hand:
    """A backend that is handed batches, and answers as it is told."""

    def __init__(self, outcome: Outcome = Outcome.DELIVERED) -> None:
        self.outcome = outcome
        self.open = threading.Event()
        self.open.set()
        self.tried = 0
        self.batches: list[list[int]] = []

    def __call__(self, batch: Sequence[int]) -> Outcome:
        self.tried += 1
        self.open.wait(LONG)
        if self.outcome is Outcome.DELIVERED:
            self.batches.append(list(batch))
        return self.outcome

    @property
    def got(self) -> list[int]:
        return [item for batch in self.batches for item in batch]


class Backend:
    """An OTLP backend on a real socket that answers with `status`, once `open` is set."""

    def __init__(self, port: int = 0) -> None:
        self.status, self.hang_up = 200, False
        self.open = threading.Event()
        self.open.set()
        self.bodies: list[bytes] = []
        self.headers: list[Any] = []
        self.connections = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                outer.connections += 1

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.open.wait(LONG)
                with suppress(ConnectionError):
                    self.send_response(outer.status)
                    self.send_header("content-length", "0")
                    self.end_headers()
                # Closes without a word in the answer, as a backend that restarts would.
                self.close_connection = outer.hang_up
                outer.headers.append(self.headers)
                outer.bodies.append(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its signature
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/v1/traces"
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.01))
        self._thread.start()

    def close(self) -> None:
        self.open.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def backend() -> Iterator[Backend]:
    with closing(Backend()) as backend:
        yield backend


def in_words(items: Sequence[int]) -> bytes:
    return b" ".join(b"%d" % item for item in items)


@contextmanager
def over_http(url: str, timeout: float = LONG, size: int = 100) -> Iterator[Delivery[int]]:
    endpoint = OtlpHttp(url, {"x-team": "shop"}, timeout)
    with closing(endpoint), delivering(Sender(endpoint, in_words), size=size) as delivery:
        yield delivery


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_everything_arrives_in_order_and_in_batches() -> None:
    hand = Hand()
    with delivering(hand) as delivery:
        for number in range(95):
            delivery.put(number)
        assert delivery.flush(LONG)
    assert hand.got == list(range(95))
    assert max(map(len, hand.batches)) == 10
    assert (delivery.delivered, delivery.dropped) == (95, 0)


def test_what_came_in_before_the_end_still_leaves() -> None:
    hand = Hand()
    with delivering(hand) as delivery:
        delivery.put(1)
    assert hand.got == [1]


def test_a_lone_item_leaves_after_the_delay_without_a_flush() -> None:
    hand = Hand()
    with delivering(hand) as delivery:
        delivery.put(1)
        until(lambda: hand.got == [1])


def test_while_the_backend_is_away_memory_is_bounded_and_the_oldest_go() -> None:
    hand = Hand(Outcome.TRY_AGAIN)
    with delivering(hand, size=20, batch=10) as delivery:
        delivery.put(0)
        until(lambda: hand.tried > 0)
        for number in range(1, 1_001):
            delivery.put(number)
        assert len(delivery._waiting) == 20
        assert delivery.dropped == 980
        hand.outcome = Outcome.DELIVERED
        assert delivery.flush(LONG)
    assert hand.got == [0, *range(981, 1_001)]
    assert (delivery.delivered, delivery.dropped) == (21, 980)


def test_one_line_says_that_the_backend_is_away_and_one_that_it_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hand = Hand(Outcome.TRY_AGAIN)
    with delivering(hand, size=7, batch=2) as delivery:
        for number in range(5):
            delivery.put(number)
        until(lambda: hand.tried > 2)
        hand.outcome = Outcome.DELIVERED
        assert delivery.flush(LONG)
        delivery.put(9)
        assert delivery.flush(LONG)
    away, back = lines(caplog)
    assert away == ("spans cannot be delivered for now; the shop goes on and keeps the newest 7")
    assert back.startswith("spans are delivered again after ")
    assert back.endswith(" s; 0 were dropped so far")


def test_each_outage_is_told_anew(caplog: pytest.LogCaptureFixture) -> None:
    hand = Hand()
    with delivering(hand) as delivery:
        for outage in range(1, 3):
            hand.outcome = Outcome.TRY_AGAIN
            delivery.put(outage)
            until(lambda: len(lines(caplog)) == 2 * outage - 1)  # noqa: B023 - called at once
            hand.outcome = Outcome.DELIVERED
            assert delivery.flush(LONG)
    assert len(lines(caplog)) == 4


def test_what_is_refused_is_dropped_and_not_tried_again() -> None:
    hand = Hand(Outcome.REFUSED)
    with delivering(hand) as delivery:
        delivery.put(1)
        assert delivery.flush(LONG)
    assert (hand.tried, delivery.dropped) == (1, 1)


def test_a_batch_that_cannot_be_encoded_does_not_stop_the_next_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hand = Hand()

    def send(batch: Sequence[int]) -> Outcome:
        if 13 in batch:
            raise ZeroDivisionError
        return hand(batch)

    with delivering(send) as delivery:
        for number in (13, 14):
            delivery.put(number)
            assert delivery.flush(LONG)
    assert hand.got == [14]
    assert delivery.dropped == 1
    assert lines(caplog) == ["1 spans could not be sent and are dropped"]


def test_put_does_not_wait_for_a_backend_that_hangs() -> None:
    hand = Hand()
    hand.open.clear()
    with delivering(hand, size=50) as delivery:
        delivery.put(0)
        until(lambda: hand.tried == 1)
        for number in range(1, 10_001):
            delivery.put(number)
        assert not hand.open.is_set()
        assert (hand.tried, hand.got) == (1, [])
        hand.open.set()
    assert hand.got == [0, *range(9_951, 10_001)]


def test_many_threads_can_put_while_the_oldest_are_dropped() -> None:
    hand = Hand()
    with delivering(hand, size=4, batch=4) as delivery:
        start = threading.Barrier(4)

        def put_many() -> None:
            start.wait()
            for number in range(5_000):
                delivery.put(number)

        threads = [threading.Thread(target=put_many) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert delivery.flush(LONG)
    assert len(hand.got) + delivery.dropped == 20_000


def test_a_full_queue_that_is_emptied_by_put_is_no_error() -> None:
    with delivering(Hand(), size=4, batch=4) as delivery:
        delivery._waiting.clear()
        assert delivery._take() == []
        delivery._drop_oldest()
        assert delivery.dropped == 0


def test_flush_says_when_it_did_not_get_all_of_it_away() -> None:
    hand = Hand()
    hand.open.clear()
    with delivering(hand) as delivery:
        delivery.put(1)
        assert not delivery.flush(0.01)
        hand.open.set()
        assert delivery.flush(LONG)


def test_closing_during_an_outage_gives_up_and_counts_what_is_lost() -> None:
    hand = Hand(Outcome.TRY_AGAIN)
    with delivering(hand) as delivery:
        for number in range(95):
            delivery.put(number)
        until(lambda: hand.tried > 0)
        tried = hand.tried
        delivery.close(LONG)
    assert not delivery._thread.is_alive()
    assert delivery.dropped == 95
    assert hand.tried <= tried + 1


def test_over_http_a_batch_is_one_post_of_protobuf(backend: Backend) -> None:
    with over_http(backend.url) as delivery:
        delivery.put(7)
        assert delivery.flush(LONG)
    assert backend.bodies == [b"7"]
    assert backend.headers[0]["content-type"] == "application/x-protobuf"
    assert backend.headers[0]["x-team"] == "shop"


def test_one_connection_serves_many_batches(backend: Backend) -> None:
    with over_http(backend.url) as delivery:
        for number in range(5):
            delivery.put(number)
            assert delivery.flush(LONG)
    assert (len(backend.bodies), backend.connections) == (5, 1)


def test_a_kept_connection_that_the_backend_closed_is_no_outage(
    backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    backend.hang_up = True
    with over_http(backend.url) as delivery:
        for number in range(3):
            delivery.put(number)
            assert delivery.flush(LONG)
    assert backend.bodies == [b"0", b"1", b"2"]
    assert backend.connections == 3
    assert lines(caplog) == []


def test_nothing_is_lost_with_a_backend_that_is_slow(backend: Backend) -> None:
    backend.open.clear()
    with over_http(backend.url, size=1_000) as delivery:
        for number in range(1_000):
            delivery.put(number)
        backend.open.set()
        assert delivery.flush(LONG)
    assert b" ".join(backend.bodies) == in_words(range(1_000))
    assert delivery.dropped == 0


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_backend_is_asked_again(backend: Backend, status: int) -> None:
    backend.status = status
    with over_http(backend.url) as delivery:
        delivery.put(7)
        until(lambda: len(backend.bodies) > 0)
        backend.status = 200
        assert delivery.flush(LONG)
    assert backend.bodies[-1] == b"7"
    assert (delivery.delivered, delivery.dropped) == (1, 0)


def test_a_backend_that_refuses_is_not_asked_again(
    backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    backend.status = 400
    with over_http(backend.url) as delivery:
        delivery.put(7)
        assert delivery.flush(LONG)
        delivery.put(8)
        assert delivery.flush(LONG)
    assert (backend.bodies, delivery.dropped) == ([b"7", b"8"], 2)
    assert lines(caplog) == [f"{backend.url} takes no such telemetry: 400 "], "said once"


def test_a_backend_that_comes_back_gets_what_was_kept(caplog: pytest.LogCaptureFixture) -> None:
    with closing(Backend()) as first:
        port = first.port
    with over_http(f"http://127.0.0.1:{port}/v1/traces") as delivery:
        delivery.put(7)
        until(lambda: len(lines(caplog)) == 1)
        with closing(Backend(port)) as second:
            assert delivery.flush(LONG)
            assert second.bodies == [b"7"]
    assert len(lines(caplog)) == 2


def test_closing_does_not_wait_for_a_backend_that_hangs() -> None:
    with closing(create_server(("127.0.0.1", 0))) as mute:
        endpoint = OtlpHttp(f"http://127.0.0.1:{mute.getsockname()[1]}/", {}, LONG)
        delivery = Delivery("spans", Sender(endpoint, in_words), delay=0.005, size=9, batch=9)
        delivery.put(7)
        connection, _ = mute.accept()
        started = time.monotonic()
        delivery.close(0.05)
        assert time.monotonic() - started < LONG / 2
        connection.close()
        delivery._thread.join(LONG)
        assert not delivery._thread.is_alive()


def test_a_backend_that_hangs_is_given_up_after_the_timeout() -> None:
    with closing(create_server(("127.0.0.1", 0))) as mute:
        endpoint = OtlpHttp(f"http://127.0.0.1:{mute.getsockname()[1]}/", {}, 0.02)
        assert endpoint.post(b"") is Outcome.TRY_AGAIN


@pytest.mark.parametrize("address", ["", "localhost:4318", "ftp://backend/v1/traces", "http://"])
def test_an_address_that_is_none_is_told_at_once(address: str) -> None:
    with pytest.raises(ValueError, match="is not an http:// or https:// address"):
        OtlpHttp(address, {}, 1)


def test_the_spans_of_a_service_arrive_at_its_backend(
    backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    environ = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": backend.url}
    telemetry = Telemetry.open(OrdersSettings.read(environ))
    with telemetry.tracer.start_as_current_span("read an order"):
        pass
    assert telemetry.spans is not None
    assert telemetry.spans.flush(LONG)
    telemetry.close()
    (request,) = map(ExportTraceServiceRequest.FromString, backend.bodies)
    assert request.resource_spans[0].scope_spans[0].spans[0].name == "read an order"
