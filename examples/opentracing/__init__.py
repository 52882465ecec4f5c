"""A store that was instrumented with OpenTracing, and the same with OpenTelemetry.

`python -m examples.opentracing` has both do the same work, and shows their traces side by side. It
needs `make extras`; docs/opentracing.md explains each difference.
"""
