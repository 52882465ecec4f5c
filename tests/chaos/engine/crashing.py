"""A service of its own process, whose first request is its last: prints its port, and crashes."""

import asyncio
import sys

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from chaos.engine.model import Fault, Snapshot
from shared.service import create_service
from shared.settings import OrdersSettings
from tests.chaos.engine.pair import routes, served
from tests.faulty import faults_in, open_runtime


async def main() -> None:
    crash = {"id": "last-breath", "effect": {"type": "crash", "exit_code": 7}}
    async with open_runtime(OrdersSettings(), exporter=InMemorySpanExporter()) as runtime:
        faults_in(runtime).replace(Snapshot(faults=(Fault.model_validate(crash),)))
        app = create_service("orders", runtime, routes([]))
        async with served(app, AutoHTTPProtocol) as port:
            print(port, flush=True)
            await asyncio.to_thread(sys.stdin.read)  # until nobody wants it any more


if __name__ == "__main__":
    asyncio.run(main())
