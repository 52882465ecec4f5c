"""OTLP over gRPC: what the codes mean, and that an attempt ends."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from shared.settings import Otlp
from shared.telemetry.delivery import RetryingSender
from shared.telemetry.endpoint import ExportResult, Outcome
from shared.telemetry.otlp_grpc import METHODS, OtlpGrpc
from tests.shared.misbehaving import SHORT
from tests.shared.test_export import LONG, in_words, lines
from tests.shared.test_export_trouble import ANSWERS

SUCCESS, FAILURE, RETRYABLE = ExportResult.SUCCESS, ExportResult.FAILURE, ExportResult.RETRYABLE


class GrpcServer:
    """The services of a collector; `behave` makes the answer, or aborts."""

    def __init__(self, behave: Callable[[bytes, grpc.ServicerContext], bytes]) -> None:
        self.methods: list[str] = []
        self._behave, self._server = behave, grpc.server(ThreadPoolExecutor(2))
        self._server.add_generic_rpc_handlers((self,))
        self.url = f"http://127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def service(self, details: Any) -> Any:
        self.methods.append(details.method)
        return grpc.unary_unary_rpc_method_handler(self._behave)

    def close(self) -> None:
        self._server.stop(0).wait()


def post_over_grpc(
    behave: Callable[[bytes, grpc.ServicerContext], bytes], timeout: float = LONG
) -> Outcome:
    with closing(GrpcServer(behave)) as server:
        endpoint = OtlpGrpc(Otlp(server.url, "grpc", timeout=timeout), "traces")
        with closing(endpoint):
            return endpoint.post(b"7")


def aborting(code: grpc.StatusCode, delay: float | None = None) -> Any:
    def behave(_: bytes, context: grpc.ServicerContext) -> bytes:
        if delay is not None:
            detail = AnyMessage()
            seconds = Duration()
            seconds.FromMilliseconds(int(delay * 1000))
            detail.Pack(RetryInfo(retry_delay=seconds))
            details = Status(code=code.value[0], details=[detail]).SerializeToString()
            context.set_trailing_metadata((("grpc-status-details-bin", details),))
        context.abort(code, "as  it\nis")
        raise AssertionError

    return behave


@pytest.mark.parametrize("signal", METHODS)
def test_over_grpc_each_signal_has_its_service(signal: Any) -> None:
    with closing(GrpcServer(lambda *_: b"")) as server:
        with closing(OtlpGrpc(Otlp(server.url, "grpc"), signal)) as endpoint:
            assert endpoint.post(b"7") == Outcome(SUCCESS)
        assert server.methods == [METHODS[signal]]
        assert endpoint.post(b"7").result is FAILURE, "it is closed"


@pytest.mark.parametrize(
    ("code", "delay", "result", "wait"),
    [
        (grpc.StatusCode.UNAVAILABLE, None, RETRYABLE, 0),
        (grpc.StatusCode.UNAVAILABLE, 5, RETRYABLE, 5),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, 1.5, RETRYABLE, 1.5),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, None, FAILURE, 0),
        (grpc.StatusCode.UNIMPLEMENTED, None, FAILURE, 0),
        (grpc.StatusCode.UNAUTHENTICATED, None, FAILURE, 0),
        (grpc.StatusCode.INTERNAL, None, FAILURE, 0),
    ],
)
def test_over_grpc_the_code_says_whether_to_send_again(
    code: grpc.StatusCode, delay: float | None, result: ExportResult, wait: float
) -> None:
    outcome = post_over_grpc(aborting(code, delay))
    assert outcome == Outcome(result, f"{code.name} as it is", wait)


def test_over_grpc_what_was_rejected_is_counted() -> None:
    body = ANSWERS["spans"]
    assert post_over_grpc(lambda *_: body) == Outcome(SUCCESS, "too old", rejected=3)


def test_over_grpc_a_long_answer_is_not_kept() -> None:
    assert post_over_grpc(lambda *_: bytes(1_000_000)).result is SUCCESS


def test_over_grpc_a_backend_that_hangs_ends_the_attempt() -> None:
    over = threading.Event()

    def hang(*_: Any) -> bytes:
        over.wait(LONG)
        return b""

    with closing(GrpcServer(hang)) as server:
        with closing(OtlpGrpc(Otlp(server.url, "grpc", timeout=SHORT), "traces")) as endpoint:
            assert endpoint.post(b"7").result is RETRYABLE
        over.set()


def test_over_grpc_an_outage_is_survived(caplog: pytest.LogCaptureFixture) -> None:
    codes = iter([grpc.StatusCode.UNAVAILABLE] * 2)

    def behave(body: bytes, context: grpc.ServicerContext) -> bytes:
        if code := next(codes, None):
            context.abort(code, "not yet")
        return b""

    with closing(GrpcServer(behave)) as server:
        sender = RetryingSender(OtlpGrpc(Otlp(server.url, "grpc"), "traces"), in_words)
        with closing(sender):
            assert sender.send([1, 2]) == 2
    begin, end = lines(caplog)
    assert begin == f"{server.url} is unavailable and telemetry waits: UNAVAILABLE not yet"
    assert end.startswith(f"{server.url} takes telemetry again")
