"""Where traces are kept."""

from lens.store.trace_store import TraceStore

__all__ = ["TraceStore"]
