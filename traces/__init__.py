"""What a trace is and what can be read from it: tree, critical path, root causes, verdict, layouts.

Pure functions over `Trace`; nothing here does I/O or knows the shop. `formats` reads and writes
OTLP, Jaeger's JSON and lens's own JSON, `layout` computes where things are drawn, and `testing` has
the assertions that tests make over whole traces.
"""

from traces.model import Event, Kind, Link, LogLine, Span, Status, Trace

__all__ = ["Event", "Kind", "Link", "LogLine", "Span", "Status", "Trace"]
