"""Assertions over whole traces, for tests: `with traced() as t: ...; t.expect_edge("gateway",
"orders")`.

`t` is the trace of the request made in the block. It is read from memory where the services run in
the test's process, or from any backend that speaks Jaeger's `/api/v3`, which is polled until the
trace is whole. Every assertion that fails prints the trace as a tree.
"""

from traces.testing.assertions import AssertableTrace
from traces.testing.sources import Backend, InMemory, Source
from traces.testing.traced import Traced, Tracing

__all__ = ["AssertableTrace", "Backend", "InMemory", "Source", "Traced", "Tracing"]
