"""Fault injection from a terminal: `acme faults`."""

from acme.faults.command import main

__all__ = ["main"]
