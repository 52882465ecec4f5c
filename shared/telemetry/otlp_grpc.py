"""OTLP over gRPC; imported only where it is used, as grpcio is heavy."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from shared.settings import Otlp
from shared.settings.otlp import Signal
from shared.telemetry.endpoint import ExportResult, Outcome, partial_success
from shared.telemetry.otlp_http import tls_of, without_user

METHODS: dict[Signal, str] = {
    "traces": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "metrics": "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    "logs": "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
}
RETRYABLE = {
    *(grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.ABORTED),
    *(grpc.StatusCode.OUT_OF_RANGE, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DATA_LOSS),
}
OPTIONS = [
    ("grpc.max_receive_message_length", 32 * 1024),  # an answer is short, or of no interest
    # Whoever sends waits between two attempts already, and no longer than two seconds.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.min_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 2000),
]
TOO_LONG = "larger than max"  # what grpcio says of an answer that is longer than allowed


class OtlpGrpc:
    """One OTLP endpoint over gRPC; `url` is that of the server, as in http://jaeger:4317."""

    def __init__(self, otlp: Otlp, signal: Signal) -> None:
        target, self.url, user = without_user(otlp.endpoint)
        self._timeout, secret = otlp.timeout, credentials(otlp)
        self._metadata = (*user.items(), *metadata(otlp))
        self._channel = (
            grpc.insecure_channel(target, OPTIONS, compression(otlp))
            if secret is None
            else grpc.secure_channel(target, secret, OPTIONS, compression(otlp))
        )
        # Without serializers, bytes are sent and received as they are.
        self._export = self._channel.unary_unary(METHODS[signal])

    def post(self, body: bytes) -> Outcome:
        """Sends a protobuf message, once."""
        try:
            answer = self._export(body, timeout=self._timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            return outcome_of(error)
        except ValueError:  # of grpcio, when the channel is closed already
            return Outcome(ExportResult.FAILURE, "the connection is closed")
        rejected, why = partial_success(answer)
        return Outcome(ExportResult.SUCCESS, why, rejected=rejected)

    def close(self) -> None:
        """Ends the connection, and a request that is under way."""
        self._channel.close()


def outcome_of(error: Any) -> Outcome:
    """What an RpcError says of the message that was sent."""
    code, wait = error.code(), retry_delay(error.trailing_metadata() or ())
    reason = " ".join(f"{code.name} {error.details()}".split())
    exhausted = code is grpc.StatusCode.RESOURCE_EXHAUSTED
    if exhausted and TOO_LONG in reason:  # there was an answer, so the message was taken
        return Outcome(ExportResult.SUCCESS)
    if code in RETRYABLE or (exhausted and wait is not None):
        return Outcome(ExportResult.RETRYABLE, reason, wait or 0.0)
    return Outcome(ExportResult.FAILURE, reason)


def retry_delay(metadata: Any) -> float | None:
    """The seconds that a google.rpc.RetryInfo asks for; None where there is none."""
    for name, value in metadata:
        if name == "grpc-status-details-bin":
            with suppress(DecodeError):
                for detail in Status.FromString(value).details:
                    info = RetryInfo()
                    if detail.Unpack(info):
                        delay: float = info.retry_delay.seconds + info.retry_delay.nanos / 1e9
                        return max(0.0, delay)
    return None


def metadata(otlp: Otlp) -> tuple[tuple[str, str | bytes], ...]:
    """The headers, whose names gRPC has in lower case; what is called `-bin` is bytes."""
    return tuple(
        (name.lower(), value.encode() if name.lower().endswith("-bin") else value)
        for name, value in otlp.headers.items()
    )


def compression(otlp: Otlp) -> grpc.Compression:
    gzip = otlp.compression == "gzip"
    return grpc.Compression.Gzip if gzip else grpc.Compression.NoCompression


def credentials(otlp: Otlp) -> grpc.ChannelCredentials | None:
    """What TLS needs; None without TLS. Raises SettingError for files that it cannot use."""
    if not otlp.endpoint.startswith("https:"):
        return None
    tls_of(otlp)  # grpcio takes what is no PEM, and ends the process for a key alone
    key = otlp.client_key or otlp.client_certificate  # the key may be in the same file
    files = otlp.certificate, key, otlp.client_certificate
    return grpc.ssl_channel_credentials(
        *(Path(name).read_bytes() if name else None for name in files)
    )
