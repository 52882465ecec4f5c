"""Backends that misbehave, on real sockets: an export ends in time, keeps little in memory, and
says what was wrong.
"""

import gzip
import socket
import ssl
import threading
from contextlib import closing, suppress
from typing import Any

import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from shared.telemetry import http_exchange
from shared.telemetry.endpoint import ExportResult, Outcome
from shared.telemetry.http_exchange import MOST_BYTES
from shared.telemetry.otlp_http import OtlpHttp
from tests.shared.misbehaving import (
    SHORT,
    Behaviour,
    Server,
    answering,
    endless,
    then_closing,
    trickling,
)
from tests.shared.test_export import LONG, until

SUCCESS, FAILURE, RETRYABLE = ExportResult.SUCCESS, ExportResult.FAILURE, ExportResult.RETRYABLE
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\n"


def post_to(server: Server, timeout: float = SHORT, body: bytes = b"7") -> Outcome:
    with closing(OtlpHttp(server.url, {}, timeout)) as endpoint:
        return endpoint.post(body)


@pytest.fixture(autouse=True)
def _short_bodies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_exchange, "BODY_SECONDS", SHORT)


@pytest.mark.parametrize(
    "behave",
    [
        pytest.param(lambda connection: connection.recv(1), id="says nothing"),
        pytest.param(trickling(OK * 9), id="a head that trickles"),
        pytest.param(trickling(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 99), id="endless headers"),
        pytest.param(trickling(b"HTTP/1.1 100 Continue\r\n\r\n" * 9), id="continue, continue"),
    ],
)
def test_a_head_that_does_not_come_in_time_ends_the_attempt(behave: Behaviour) -> None:
    with closing(Server(behave)) as server:
        assert post_to(server) == Outcome(RETRYABLE, f"no answer within {SHORT:g} s")


@pytest.mark.parametrize(
    "behave",
    [
        pytest.param(trickling(b"." * 99, after=HEAD + b"content-length: 99\r\n\r\n"), id="sized"),
        pytest.param(answering(HEAD, b"content-length: 9\r\n\r\n"), id="never begins"),
        pytest.param(trickling(HEAD + b"\r\n" + b"." * 400), id="until it closes"),
        pytest.param(
            trickling(HEAD + b"transfer-encoding: chunked\r\n\r\n" + b"1\r\n.\r\n" * 99),
            id="chunks",
        ),
    ],
)
def test_a_body_that_does_not_come_in_time_changes_nothing(behave: Behaviour) -> None:
    """The status says that the batch was taken: were it sent again, it would be there twice."""
    with closing(Server(behave)) as server:
        assert post_to(server, LONG).result is SUCCESS
        assert len(server.requests) == 1


MANY = b"." * 65_536


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        pytest.param(HEAD + b"content-length: 400000000\r\n\r\n", MANY, id="400 MB"),
        pytest.param(HEAD + b"\r\n", MANY, id="no end"),
        pytest.param(
            HEAD + b"transfer-encoding: chunked\r\n\r\n", b"10000\r\n" + MANY + b"\r\n", id="chunks"
        ),
        pytest.param(
            HEAD + b"transfer-encoding: chunked\r\n\r\nfffffffff\r\n", MANY, id="one chunk"
        ),
        pytest.param(
            HEAD + b"content-encoding: gzip\r\ncontent-length: 9999999\r\n\r\n",
            gzip.compress(bytes(10_000_000), mtime=0),
            id="a gzip bomb",
        ),
    ],
)
def test_of_a_long_answer_a_few_kib_are_read(head: bytes, piece: bytes) -> None:
    with (
        closing(Server(endless(head, piece))) as server,
        closing(OtlpHttp(server.url, {}, LONG)) as endpoint,
    ):
        for _ in range(2):
            assert endpoint.post(b"7").result is SUCCESS
        assert server.connections == 2, "each was closed"


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nx: " + b"y" * MOST_BYTES, id="a long header"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 9_999, id="many headers"),
        pytest.param(b"HTTP/1.1 200 " + b"O" * 99_999, id="a long reason"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 9_999, id="continue, continue"),
    ],
)
def test_a_head_that_does_not_end_is_given_up(head: bytes) -> None:
    with closing(Server(answering(head))) as server:
        outcome = post_to(server, LONG)
    assert outcome.result is RETRYABLE
    assert 0 < len(outcome.reason) < 200


@pytest.mark.parametrize(
    "behave",
    [
        pytest.param(answering(b"SSH-2.0-OpenSSH_9.2\r\n"), id="SSH"),
        pytest.param(answering(b"\x15\x03\x01\x00\x02\x02\x50"), id="TLS"),
        pytest.param(answering(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18)), id="HTTP/2"),
        pytest.param(answering(b"HTTP/1.1 abc OK\r\n\r\n"), id="no status"),
        pytest.param(answering(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"), id="101"),
        pytest.param(answering(b"HTTP/1.1 103 Early Hints\r\n\r\n"), id="103"),
        pytest.param(answering(), id="closes"),
    ],
)
def test_an_answer_of_another_protocol_is_no_answer(behave: Behaviour) -> None:
    with closing(Server(then_closing(behave))) as server:
        outcome = post_to(server, LONG)
    assert outcome.result is RETRYABLE
    assert outcome.reason


def test_a_backend_that_only_closes_its_side_is_not_waited_for() -> None:
    with closing(Server(then_closing(answering(), socket.SHUT_WR))) as server:
        assert post_to(server, LONG).result is RETRYABLE


def test_what_a_backend_says_unasked_is_no_answer_to_the_next_request() -> None:
    tired = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n"
    released = threading.Event()

    def behave(connection: socket.socket) -> None:
        connection.sendall(OK)
        released.wait(LONG)
        connection.sendall(tired)

    with closing(Server(behave)) as server:
        endpoint = OtlpHttp(server.url, {}, LONG)
        assert endpoint.post(b"7").result is SUCCESS
        idle = endpoint._connection
        assert idle is not None
        assert idle.is_quiet()
        released.set()
        until(lambda: not idle.is_quiet())
        assert endpoint.post(b"8").result is SUCCESS
        assert server.connections == 2
        endpoint.close()


def test_a_backend_that_does_not_read_ends_the_attempt() -> None:
    with closing(socket.create_server(("127.0.0.1", 0), backlog=1)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        with closing(OtlpHttp(url, {}, SHORT)) as endpoint:
            assert endpoint.post(bytes(30_000_000)).reason == f"no answer within {SHORT:g} s"


def test_a_backend_that_refuses_before_it_has_read_all_is_heard() -> None:
    refusal = b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"

    def hasty(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(refusal)
            connection.shutdown(socket.SHUT_WR)
            until(lambda: len(connection.recv(1_000_000)) < 1)

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=hasty, args=(listener,))
        thread.start()
        with closing(OtlpHttp(f"http://127.0.0.1:{listener.getsockname()[1]}/", {}, LONG)) as one:
            assert one.post(bytes(3_000_000)) == Outcome(FAILURE, "413 Too Large")
        thread.join(LONG)


def test_a_handshake_that_never_ends_ends_the_attempt() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as mute:
        url = f"https://127.0.0.1:{mute.getsockname()[1]}/"
        with closing(OtlpHttp(url, {}, SHORT, tls=ssl.create_default_context())) as endpoint:
            assert endpoint.post(b"7") == Outcome(RETRYABLE, f"no answer within {SHORT:g} s")


def test_a_name_that_is_never_resolved_ends_the_attempt_and_takes_one_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hanging, found = threading.Event(), socket.getaddrinfo
    lookups: list[Any] = []

    def hang(*args: Any, **kwargs: Any) -> Any:
        lookups.append(args)
        hanging.wait(LONG)
        return found(*args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with (
        closing(Server(answering(OK))) as server,
        closing(OtlpHttp(server.url, {}, SHORT)) as endpoint,
    ):
        for _ in range(2):
            assert endpoint.post(b"7").result is RETRYABLE
        hanging.set()
        until(lambda: endpoint.post(b"7").result is SUCCESS)
        assert len(lookups) == 1


@pytest.mark.parametrize("host", ["backend.invalid", "a..b", "x" * 64])
def test_a_name_that_is_none_is_said(host: str) -> None:
    with closing(OtlpHttp(f"http://{host}/", {}, LONG)) as endpoint:
        outcome = endpoint.post(b"7")
    assert outcome.result is RETRYABLE
    assert outcome.reason


def test_an_address_that_leads_nowhere_leaves_time_for_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with closing(Server(answering(OK))) as server:
        port = int(server.url.split(":")[2].split("/")[0])
        nowhere = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 1))
        there = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [nowhere, there])
        assert post_to(server, LONG).result is SUCCESS


@pytest.mark.skipif(not socket.has_ipv6, reason="there is no IPv6")
def test_a_backend_may_have_an_ipv6_address() -> None:
    with suppress(OSError), closing(Server(answering(OK), "::1")) as server:
        assert post_to(server, LONG).result is SUCCESS
        assert f"host: {server.url.split('/')[2]}".encode() in server.requests[0]


def test_a_user_of_the_address_is_sent_as_a_header_and_never_logged() -> None:
    with closing(Server(answering(OK))) as server:
        endpoint = OtlpHttp(server.url.replace("//", "//eric:open%40me@"), {}, LONG)
        assert endpoint.post(b"7").result is SUCCESS
        assert endpoint.url == server.url
        endpoint.close()
    assert b"authorization: Basic ZXJpYzpvcGVuQG1l" in server.requests[0]


SPANS, POINTS, LINES = (
    ExportTraceServiceResponse(),
    ExportMetricsServiceResponse(),
    ExportLogsServiceResponse(),
)
SPANS.partial_success.rejected_spans = 3
POINTS.partial_success.rejected_data_points = 3
LINES.partial_success.rejected_log_records = 3
for answer in (SPANS, POINTS, LINES):
    answer.partial_success.error_message = "too old"
ANSWERS = {
    name: answer.SerializeToString()
    for name, answer in (("spans", SPANS), ("points", POINTS), ("log lines", LINES))
}


@pytest.mark.parametrize("of", ANSWERS)
def test_what_the_answer_says_was_rejected_is_counted(of: str) -> None:
    body = ANSWERS[of]
    content = HEAD + b"content-length: %d\r\n\r\n" % len(body) + body
    with closing(Server(answering(content))) as server:
        assert post_to(server, LONG) == Outcome(SUCCESS, "too old", rejected=3)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"application/x-protobuf", b"\xff\xff"),
        (b"application/x-protobuf", b""),
        (b"application/json", b'{"partialSuccess":{}}'),
        (b"text/html", b"<h1>It works!</h1>"),
    ],
)
def test_an_answer_that_is_not_understood_rejects_nothing(kind: bytes, body: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n" % (kind, len(body))
    with closing(Server(answering(head + body))) as server:
        assert post_to(server, LONG) == Outcome(SUCCESS)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (b"401 Unauthorized", b"", "401 Unauthorized"),
        (b"403 Forbidden", b"no\r\n such  key", "403 no such key"),
        (b"301 Moved Permanently", b"", "301 Moved Permanently"),
        (
            b"400 Bad Request",
            Status(code=3, message="no spans").SerializeToString(),
            "400 no spans",
        ),
    ],
)
def test_a_refusal_says_why_and_is_final(status: bytes, body: bytes, said: str) -> None:
    kind = b"application/x-protobuf" if b"400" in status else b"text/plain"
    head = b"HTTP/1.1 %b\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n"
    with closing(Server(answering(head % (status, kind, len(body)) + body))) as server:
        assert post_to(server, LONG) == Outcome(FAILURE, said)
