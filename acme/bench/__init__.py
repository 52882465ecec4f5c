"""Measures the order-status chain: `acme bench`."""

from acme.bench.command import main

__all__ = ["main"]
