"""OTLP over gRPC, by the SDK's exporters; imported only where it is used, as grpcio is heavy."""

from pathlib import Path
from typing import Any

import grpc

from shared.settings import Otlp


def arguments_of(otlp: Otlp) -> dict[str, Any]:
    """The arguments of the SDK's exporters, which send to `endpoint`, as in http://jaeger:4317."""
    secure, zipped = otlp.endpoint.startswith("https"), otlp.compression == "gzip"
    return {
        "endpoint": otlp.endpoint,
        "insecure": not secure,
        "credentials": credentials(otlp) if secure else None,
        "headers": {name.lower(): value for name, value in otlp.headers.items()},
        "timeout": otlp.timeout,
        "compression": grpc.Compression.Gzip if zipped else grpc.Compression.NoCompression,
    }


def credentials(otlp: Otlp) -> grpc.ChannelCredentials:
    files = otlp.certificate, otlp.client_key, otlp.client_certificate
    return grpc.ssl_channel_credentials(
        *(Path(name).read_bytes() if name else None for name in files)
    )
