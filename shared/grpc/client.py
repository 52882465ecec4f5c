"""The one way a service gets a peer that it calls over gRPC."""

from shared.grpc.peer import RpcPeer
from shared.grpc.wire import GrpcWire
from shared.http import Breaker
from shared.runtime import Runtime


def rpc_peer(
    runtime: Runtime, name: str, url: str, within: float = 1.0, breaker: Breaker | None = None
) -> RpcPeer:
    """Another service of the shop, at `url`; an attempt to call it gets the share `within` of the
    total deadline. Its channel is closed with the runtime.
    """
    wire = GrpcWire(url)
    runtime.life.closing(wire.aclose)
    hooked, policy = runtime.peers.hooked(name, wire, within, breaker)
    # Whoever makes the spans of HTTP: those of gRPC are the shop's own.
    return RpcPeer(name, url, hooked, runtime.telemetry, policy)
