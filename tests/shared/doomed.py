"""A service of its own process, whose first request is its last: prints its port, and crashes."""

import asyncio
import sys

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from chaos.engine.model import Fault, Snapshot
from shared.runtime import Runtime
from shared.service import create_service
from shared.settings import OrdersSettings
from tests.shared.struck import routes, served


async def main() -> None:
    crash = {"id": "last-breath", "effect": {"type": "crash", "exit_code": 7}}
    async with Runtime.open(OrdersSettings(), exporter=InMemorySpanExporter()) as runtime:
        runtime.faults.replace(Snapshot(faults=(Fault.model_validate(crash),)))
        app = create_service("orders", runtime, routes([]))
        async with served(app, AutoHTTPProtocol) as port:
            print(port, flush=True)
            await asyncio.to_thread(sys.stdin.read)  # until nobody wants it any more


if __name__ == "__main__":
    asyncio.run(main())
