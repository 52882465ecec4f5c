"""Where traces are kept."""

from services.lens.store.trace_store import TraceStore

__all__ = ["TraceStore"]
