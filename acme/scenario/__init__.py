"""Lessons with faults, run from a terminal: `acme scenario`."""

from acme.scenario.command import main

__all__ = ["main"]
