"""Failures on purpose, put and looked at from a terminal: `acme faults`."""

from scripts.faults.command import main

__all__ = ["main"]
