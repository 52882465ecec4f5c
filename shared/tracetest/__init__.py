"""Assertions over whole traces, for tests: `with traced() as t: ...; t.expect_edge("gateway",
"orders")`.

`t` is the trace of the request made in the block. It is read from memory where the services run in
the test's process, or from any backend that speaks Jaeger's `/api/v3`, and then asked for until it
is whole. Every assertion that fails prints the trace as a tree.
"""

from shared.tracetest.model import Span
from shared.tracetest.sources import Backend, InMemory, Source
from shared.tracetest.trace import Trace
from shared.tracetest.traced import Traced, Tracing

__all__ = ["Backend", "InMemory", "Source", "Span", "Trace", "Traced", "Tracing"]
