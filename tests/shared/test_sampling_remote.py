"""Sampling strategies fetched from Jaeger, over real sockets."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from socket import create_server
from typing import Any

import pytest

from shared.settings import OrdersSettings
from shared.telemetry.provider import Telemetry
from shared.telemetry.sampling import sampler
from shared.telemetry.sampling.jaeger_remote import TIMEOUT, JaegerRemote
from shared.telemetry.sampling.rate_limiting import RateLimiting
from shared.telemetry.sampling.rule import Rule
from shared.telemetry.sampling.strategies import rule_of
from tests.shared.misbehaving import (
    SHORT,
    Behaviour,
    Server,
    answering,
    endless,
    then_closing,
    trickling,
)

ALL = {"strategyType": "PROBABILISTIC", "probabilisticSampling": {"samplingRate": 1}}
HALF = {"strategyType": "PROBABILISTIC", "probabilisticSampling": {"samplingRate": 0.5}}
TWO_PER_SECOND = {
    "strategyType": "RATE_LIMITING",
    "rateLimitingSampling": {"maxTracesPerSecond": 2},
}
BY_OPERATION = {
    "strategyType": "PROBABILISTIC",
    "probabilisticSampling": {"samplingRate": 1},
    "operationSampling": {
        "defaultSamplingProbability": 0.25,
        "defaultLowerBoundTracesPerSecond": 0,
        "perOperationStrategies": [
            {"operation": "GET /auth", "probabilisticSampling": {"samplingRate": 0.75}},
            {"operation": "GET /never", "probabilisticSampling": {}},
        ],
    },
}


class Strategies:
    """A server that answers `/sampling` with `answer`, and counts the requests."""

    def __init__(self) -> None:
        self.answer: bytes | dict[str, Any] = HALF
        self.status = 200
        self.requests: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = outer.answer
                body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(outer.status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                outer.requests.append(self.path)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its signature
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.01))
        self._thread.start()

    def polled_again(self) -> None:
        """Returns when the next answer has been given and the one after it."""
        seen = len(self.requests)
        until(lambda: len(self.requests) > seen + 1)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def jaeger() -> Iterator[Strategies]:
    with closing(Strategies()) as strategies:
        yield strategies


def until(true: Callable[[], bool]) -> None:
    """Polls until it is true."""
    deadline = time.monotonic() + 10
    nothing = threading.Event()
    while not true():
        assert time.monotonic() < deadline, "it did not become true within 10 s"
        nothing.wait(0.002)


@contextmanager
def following(endpoint: str, initial: float = 0.0) -> Iterator[JaegerRemote]:
    with closing(JaegerRemote("orders", endpoint, 0.005, initial)) as remote:
        yield remote


def probability(rule: Rule, name: str = "GET /") -> float:
    return rule.decide(0, name).param


def test_it_asks_for_its_service_and_goes_by_the_answer(jaeger: Strategies) -> None:
    with following(jaeger.url) as remote:
        until(lambda: probability(remote) == 0.5)
    assert set(jaeger.requests) == {"/sampling?service=orders"}


def test_a_changed_strategy_holds_at_the_next_poll(jaeger: Strategies) -> None:
    with following(jaeger.url) as remote:
        until(lambda: probability(remote) == 0.5)
        jaeger.answer = ALL
        until(lambda: probability(remote) == 1)


def test_an_unchanged_strategy_does_not_start_its_counting_anew(jaeger: Strategies) -> None:
    jaeger.answer = TWO_PER_SECOND | {"rateLimitingSampling": {"maxTracesPerSecond": 0.000001}}
    with following(jaeger.url, initial=0.0) as remote:
        until(lambda: remote.decide(2**64 - 1, "GET /").sampled)
        for _ in range(3):
            jaeger.polled_again()
            assert not remote.decide(0, "GET /").sampled


def test_the_initial_rate_holds_until_there_is_an_answer() -> None:
    with closing(create_server(("127.0.0.1", 0))) as mute:
        endpoint = f"http://127.0.0.1:{mute.getsockname()[1]}"
        with following(endpoint, initial=0.125) as remote:
            assert probability(remote) == 0.125


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b'{"probabilisticSampling": {"samplingRate": 2}}',
        b'{"probabilisticSampling": {"samplingRate": "often"}}',
        b'{"probabilisticSampling": {"samplingRate": NaN}}',
        b'{"strategyType": "RATE_LIMITING"}',
        b'{"operationSampling": {"perOperationStrategies": [{}]}}',
        b'{"operationSampling": {"defaultLowerBoundTracesPerSecond": 1e999}}',
        b"[" * 100_000,
    ],
)
def test_an_answer_without_sense_leaves_the_last_good_one(
    jaeger: Strategies, nonsense: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with following(jaeger.url) as remote:
        until(lambda: probability(remote) == 0.5)
        jaeger.answer = nonsense
        jaeger.polled_again()
        assert probability(remote) == 0.5
        jaeger.answer = ALL
        until(lambda: probability(remote) == 1)
    # A sampler of an earlier test may still tell of its own Jaeger.
    logged = [text for text in caplog.messages if jaeger.url in text]
    problem = "make no sense" if nonsense else "cannot be fetched: the answer is empty"
    assert problem in logged[0]


def test_while_jaeger_is_away_the_last_good_strategy_holds_and_two_lines_say_so(
    jaeger: Strategies, caplog: pytest.LogCaptureFixture
) -> None:
    with following(jaeger.url) as remote:
        until(lambda: probability(remote) == 0.5)
        jaeger.status = 503
        jaeger.polled_again()
        assert probability(remote) == 0.5
        jaeger.status, jaeger.answer = 200, ALL
        until(lambda: probability(remote) == 1)
        jaeger.polled_again()
    lines = [text for text in caplog.messages if jaeger.url in text]
    what = f"sampling strategies of {jaeger.url}"
    assert lines == [
        f"{what} cannot be fetched: 503 Service Unavailable; the last good one holds",
        f"{what} arrive again",
    ]


@pytest.mark.parametrize(
    "behave",
    [
        trickling(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 999),
        trickling(b"{" * 999, after=b"HTTP/1.1 200 OK\r\n\r\n"),
        endless(b"HTTP/1.1 200 OK\r\ncontent-length: 400000000\r\n\r\n", b" " * 65_536),
        then_closing(answering(b"SSH-2.0-OpenSSH_9.2\r\n")),
    ],
)
def test_a_jaeger_that_misbehaves_is_left_alone_in_time(
    behave: Behaviour, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module(JaegerRemote.__module__), "TIMEOUT", SHORT)
    content = json.dumps(ALL).encode()
    with closing(Server(behave)) as server, following(server.url) as remote:
        until(lambda: any(server.url in text for text in caplog.messages))
        server.behave = answering(
            b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(content), content)
        )
        until(lambda: probability(remote) == 1)


def test_closing_ends_the_thread_at_once_however_long_the_interval(jaeger: Strategies) -> None:
    remote = JaegerRemote("orders", jaeger.url, interval=3600, initial=0)
    until(lambda: probability(remote) == 0.5)
    remote.close()
    assert not remote._thread.is_alive()


def test_closing_does_not_wait_for_a_jaeger_that_hangs() -> None:
    with closing(create_server(("127.0.0.1", 0))) as mute:
        endpoint = f"http://127.0.0.1:{mute.getsockname()[1]}"
        remote = JaegerRemote("orders", endpoint, interval=3600, initial=0)
        connection, _ = mute.accept()
        with connection:
            started = time.monotonic()
            remote.close()
            assert time.monotonic() - started < TIMEOUT
            remote._thread.join(5 * TIMEOUT)
            assert not remote._thread.is_alive()


def test_the_setting_makes_it_and_the_telemetry_ends_it(
    jaeger: Strategies, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    arg = f"endpoint={jaeger.url},pollingIntervalMs=5,initialSamplingRate=0"
    environ = {"OTEL_TRACES_SAMPLER": "jaeger_remote", "OTEL_TRACES_SAMPLER_ARG": arg}
    jaeger.answer = ALL
    telemetry = Telemetry.open(OrdersSettings.read(environ))
    assert telemetry.needs_name
    until(lambda: telemetry.tracer.start_span("root").is_recording())
    telemetry.close()
    assert "sampling-strategies" not in {thread.name for thread in threading.enumerate()}


def test_an_argument_with_a_mistake_starts_no_thread() -> None:
    with pytest.raises(ValueError, match="initialSamplingRate"):
        sampler("jaeger_remote", "initialSamplingRate=7", service="orders")
    assert "sampling-strategies" not in {thread.name for thread in threading.enumerate()}


def test_a_rate_limit_is_understood() -> None:
    rule = rule_of(TWO_PER_SECOND, lambda: 0.0)
    assert isinstance(rule, RateLimiting)
    assert [rule.decide(0, "GET /").sampled for _ in range(3)] == [True, True, False]


def test_strategies_by_operation_win_over_the_one_for_all() -> None:
    rule = rule_of(BY_OPERATION)
    assert probability(rule, "GET /auth") == 0.75
    assert probability(rule, "GET /never") == 0
    assert probability(rule, "GET /other") == 0.25


def test_a_rate_that_protobuf_left_out_is_zero() -> None:
    assert probability(rule_of({"probabilisticSampling": {}})) == 0
