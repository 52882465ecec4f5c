"""Lessons with faults, run from a terminal: `acme scenario`."""

from scripts.scenario.command import main

__all__ = ["main"]
