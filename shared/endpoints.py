"""Where telemetry goes. What is said of one service wins over what is said of all, and of two that
are said alike OpenTelemetry's own variable wins over the shop's.
"""

from typing import Any, Protocol

GRPC_DEFAULT = "http://127.0.0.1:4317"
BASE, TRACES = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
BACKEND = "TRACING_BACKEND_URL"


class Read(Protocol):
    """Reads a variable, and knows whether it was said of this service alone."""

    def __call__(self, name: str) -> Any: ...

    def is_own(self, name: str) -> bool: ...


def endpoints(read: Read) -> tuple[str, str, str]:
    """The protocol of spans, where they go, and where log lines go: over HTTP, or not at all."""
    base: str = read(BASE)
    protocol: str = read("OTEL_EXPORTER_OTLP_PROTOCOL")
    over_http = base or f"http://127.0.0.1:{read('LENS_OTLP_PORT')}"
    if backend := backend_of(read):
        return "grpc", backend, "" if base and protocol == "grpc" else f"{over_http}/v1/logs"
    traces = traces_of(read)
    if protocol == "grpc":
        return protocol, traces or base or GRPC_DEFAULT, ""
    return protocol, traces or f"{over_http}/v1/traces", f"{over_http}/v1/logs"


def backend_of(read: Read) -> str:
    """The OTLP/gRPC backend for spans; empty when a standard variable wins."""
    own = read.is_own(BACKEND)
    standard = any(read.is_own(name) if own else read(name) for name in (BASE, TRACES))
    return "" if standard else read(BACKEND)


def traces_of(read: Read) -> str:
    """The address for spans alone, unless the service has a general one of its own."""
    return "" if read.is_own(BASE) and not read.is_own(TRACES) else read(TRACES)
