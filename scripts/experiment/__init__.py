"""Experiments with the shop: a hypothesis, what is done to it, and a report: `acme experiment`."""

from scripts.experiment.command import main

__all__ = ["main"]
