"""Traces and log lines on a terminal, read from lens or from any Jaeger."""
