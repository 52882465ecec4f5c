"""Experiments with the shop: a hypothesis, what is done to it, and a report: `acme experiment`."""

from chaos.experiments.command import main

__all__ = ["main"]
