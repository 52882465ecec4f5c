"""A gRPC server of payment's methods, whose behavior a test gives, and a peer that calls it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from acme.launcher.sockets import listen, port_of
from chaos.engine.model import Fault, Snapshot
from shared.contracts import payment_pb2 as pb
from shared.contracts.payment_messages import METHODS
from shared.contracts.payment_pb2_grpc import PaymentsServicer, add_PaymentsServicer_to_server
from shared.grpc.client import rpc_peer
from shared.grpc.peer import RpcPeer
from shared.grpc.server import serve
from shared.http import Breaker
from shared.runtime import Runtime
from shared.settings import settings_for
from tests.faulty import faults_in, open_runtime

READ = METHODS["ReadCharge"]
Behavior = Callable[[Any, Any], Awaitable[pb.Charge]]


class Servicer(PaymentsServicer):  # type: ignore[misc]  # protoc writes no types
    """Every method does what the test wants."""

    def __init__(self, behavior: Behavior) -> None:
        self.ChargeCard = self.ReadCharge = self.VoidCharge = behavior


@dataclass
class Line:
    """Orders on one end, payment on the other."""

    orders: Runtime
    payment: Runtime
    peer: RpcPeer
    port: int
    spans: InMemorySpanExporter

    async def read(self, order_id: str = "abc", **more: Any) -> pb.Charge:
        request = pb.ReadChargeRequest(order_id=order_id)
        return await self.peer.call(READ, request, pb.Charge, **more)

    def span(self, kind: SpanKind) -> ReadableSpan:
        """The only one of its kind."""
        (found,) = self.of_kind(kind)
        return found

    def of_kind(self, kind: SpanKind) -> list[ReadableSpan]:
        return [span for span in self.spans.get_finished_spans() if span.kind is kind]

    def inject(self, where: Mapping[str, Any], **effect: Any) -> None:
        """Has one end of the line fail in this way."""
        here = self.orders if where.get("service") == "orders" else self.payment
        runtime = self.orders if where["side"] == "client" else here
        fault = Fault.model_validate({"id": "the-fault", "where": where, "effect": effect})
        faults_in(runtime).replace(Snapshot(faults=(fault,)))


def free_port() -> int:
    with listen("127.0.0.1", 0) as free:
        return port_of(free)


@asynccontextmanager
async def line(
    behavior: Behavior, breaker: Breaker | None = None, **environ: str
) -> AsyncIterator[Line]:
    port, spans = free_port(), InMemorySpanExporter()
    given: Mapping[str, str] = {"ACME_TIMEOUT_MS": "120000", **environ}
    async with AsyncExitStack() as stack:
        opened = open_runtime(settings_for("payment", given), exporter=spans)
        payment: Runtime = await stack.enter_async_context(opened)
        opened = open_runtime(settings_for("orders", given), exporter=spans)
        orders: Runtime = await stack.enter_async_context(opened)

        def add(server: Any) -> None:
            add_PaymentsServicer_to_server(Servicer(behavior), server)

        serve(payment, port, METHODS, add)
        await payment.start()
        peer = rpc_peer(orders, "payment", f"http://127.0.0.1:{port}", 1.0, breaker)
        yield Line(orders, payment, peer, port, spans)
