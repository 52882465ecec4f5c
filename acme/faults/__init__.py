"""Failures on purpose, put and looked at from a terminal: `acme faults`."""

from acme.faults.command import main

__all__ = ["main"]
