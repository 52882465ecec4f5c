"""Measures the order-status chain: `acme bench`."""

from scripts.bench.command import main

__all__ = ["main"]
