"""A gRPC server beside a service's HTTP server: in the same process and event loop, on a port of
its own.
"""

from collections.abc import Callable, Mapping
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from shared.grpc.interceptors import AnswerErrors, InjectFaults, ServerSpans
from shared.grpc.methods import Method
from shared.hooks import Hooks
from shared.limit import MOST
from shared.runtime import Runtime

GRACE_SECONDS = 1.0
OPTIONS = (
    ("grpc.max_receive_message_length", MOST),
    # As many as a connection of HTTP/2 may have at once by RFC 9113's advice; more wait.
    ("grpc.max_concurrent_streams", 100),
    # Baggage alone may be 8 KiB; between the two limits, grpcio refuses some at random.
    ("grpc.max_metadata_size", 32 * 1024),
    ("grpc.absolute_max_metadata_size", 32 * 1024),
    # Two programs on one port would get half of the calls each, and nobody would know.
    ("grpc.so_reuseport", 0),
)


class Health(health_pb2_grpc.HealthServicer):
    """What `/readyz` says, by the protocol that gRPC's own probes speak (grpc.health.v1). It is
    neither traced nor faulted.
    """

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks

    async def Check(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - grpc.health.v1's
        serving = health_pb2.HealthCheckResponse
        status = serving.SERVING if self._hooks.is_ready() else serving.NOT_SERVING
        return health_pb2.HealthCheckResponse(status=status)


def serve(
    runtime: Runtime, port: int, methods: Mapping[str, Method], add: Callable[[Any], None]
) -> None:
    """Has `methods`, whose servicer is `add`ed to the server, answered on `port` of the service's
    address from its start to its end. Raises OSError when the port cannot be listened on.
    """
    host = runtime.settings.address
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    server = grpc.aio.server(
        interceptors=(
            AnswerErrors(methods),
            ServerSpans(methods, runtime.telemetry, host, port),
            InjectFaults(methods, runtime.hooks),
        ),
        options=OPTIONS,
    )
    add(server)
    health_pb2_grpc.add_HealthServicer_to_server(Health(runtime.hooks), server)
    try:
        server.add_insecure_port(address)
    except RuntimeError:  # without a word of why
        raise OSError(f"{address} cannot be listened on: another program may have it") from None
    runtime.life.starting(server.start)

    async def close() -> None:
        await server.stop(GRACE_SECONDS)

    runtime.life.closing(close)
